-- Mapped rows with texts that are what they say: without blanks of any kind around them, ids in one
-- spelling (NFC: accents are part of letters), and null where a word says that nothing is known.
-- It costs more than to type the rows, so that it is done where some text needs it alone
-- (etl/normalise/odd_texts.py).
-- grain: one row per row read
with

texts_trimmed as (
    select
        * replace (
            trimmed(nfc_normalize(event_id)) as event_id,
            trimmed(nfc_normalize(user_id)) as user_id,
            trimmed(nfc_normalize(anonymous_id)) as anonymous_id,
            trimmed(nfc_normalize(tracker_session_id)) as tracker_session_id,
            trimmed(nfc_normalize(chat_id)) as chat_id,
            trimmed(type) as type,
            trimmed(url) as url,
            trimmed(page_host) as page_host,
            trimmed(referrer) as referrer,
            trimmed(campaign) as campaign,
            trimmed(device) as device,
            trimmed(browser) as browser,
            trimmed(os) as os,
            trimmed(session_type) as session_type,
            trimmed(experiment_id) as experiment_id,
            trimmed(model_group) as model_group,
            trimmed(query_type) as query_type
        )
    from mapped_rows
),

ids_spelt as (
    select
        * replace (
            one_spelling(event_id) as event_id,
            one_spelling(user_id) as user_id,
            one_spelling(anonymous_id) as anonymous_id,
            one_spelling(tracker_session_id) as tracker_session_id,
            one_spelling(chat_id) as chat_id
        )
    from texts_trimmed
),

ids_whole as (
    select
        * replace (
            whole(event_id, 'event_id') as event_id,
            whole(user_id, 'user_id') as user_id,
            whole(anonymous_id, 'anonymous_id') as anonymous_id,
            whole(tracker_session_id, 'tracker_session_id') as tracker_session_id,
            whole(chat_id, 'chat_id') as chat_id
        )
    from ids_spelt
),

texts_told as (
    select
        * replace (
            told(event_id) as event_id,
            told(user_id) as user_id,
            told(anonymous_id) as anonymous_id,
            told(tracker_session_id) as tracker_session_id,
            told(chat_id) as chat_id,
            told(type) as type,
            told(url) as url,
            told(page_host) as page_host,
            told(referrer) as referrer,
            told(campaign) as campaign,
            told(device) as device,
            told(browser) as browser,
            told(os) as os,
            told(session_type) as session_type,
            told(experiment_id) as experiment_id,
            told(model_group) as model_group,
            told(query_type) as query_type
        )
    from ids_whole
),

final as (
    select
        * replace (
            told_number(event_id) as event_id,
            told_user(user_id) as user_id,
            told_user(anonymous_id) as anonymous_id,
            told_number(tracker_session_id) as tracker_session_id,
            told_number(chat_id) as chat_id
        )
    from texts_told
)

select * from final
