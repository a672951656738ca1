-- The outbox: messages, to whom each goes and how it went, and when each receiver is tried next.
create table if not exists messages (
    id text primary key,
    content text not null
);

create table if not exists deliveries (
    position integer primary key,
    id text not null,
    receiver text not null,
    subject text not null,
    state text not null default 'waiting',
    put_at real not null,
    changed_at real not null,
    attempts integer not null default 0,
    doubts integer not null default 0,
    error text not null default '',
    unique (id, receiver)
);

create index if not exists deliveries_in_order on deliveries (receiver, state, position);

create table if not exists receivers (
    name text primary key,
    failures integer not null default 0,
    next_attempt real not null default 0
);
