"""The columns by which tables of ready sessions tell what they do. Never reads a row."""

from etl.lake.count_names import COUNT_NAMES, spellings
from etl.lake.schema import EVENT_COLUMNS

SESSION = spellings("session_id", "session_key", "session", "visit_id")
START = spellings(
    *("start_time", "started_at", "session_start", "session_start_time", "start_timestamp"),
    *("start_ts", "start"),
)
END = spellings(
    *("end_time", "ended_at", "session_end", "session_end_time", "end_timestamp", "end_ts"),
    *("end", "archived_at", "closed_at"),
)
LAST = spellings("last_activity_at", "last_activity", "last_active_at", "last_event_time")
DURATION = spellings("duration_seconds", "session_duration_seconds", "duration_sec")
QUERY_TYPES = spellings("query_types", "query_type_distribution", "query_type_counts")
QUERY_TYPE = spellings("query_type")
QUERIES = COUNT_NAMES["query_count"]
MEASURED = spellings("timestamp", "time", "recorded_at", "created_at", "measured_at", "date")
COMPLETED = spellings("completed_at", "finished_at")
WORKFLOW = spellings("workflow_id", "workflow_name", "workflow", "execution_id")
RUN = spellings("execution_id", "run_id", "workflow_execution_id", "id", "workflow_id")
NAME = spellings("workflow_name", "name", "workflow", "workflow_type")
STEP = spellings("last_step", "current_step", "step")
EVENT = spellings("event_type", "event_name", "event")

# A table of this name tells each person's last session: from the login to the last activity.
PERSONS = "persons"
LOGIN = spellings("last_login_at")
SEEN = spellings("last_activity_at")
# The columns that name the person, its own id where no other does.
USER = next(column.aliases for column in EVENT_COLUMNS if column.name == "user_id")
PERSON = ("id", "_id")

OPEN = spellings("is_open", "is_active")
STATUS = ("status",)
REASON = spellings("exit_reason", "end_reason", "close_reason")
ENTRY = spellings("entry_page", "entry_url", "landing_page")
EXIT = spellings("exit_page", "exit_url")

# All of them, each once, in the order in which their texts are read out of a row.
READ = tuple(
    dict.fromkeys(
        (
            *(*SESSION, *START, *END, *LAST, *DURATION, *QUERY_TYPES, *QUERY_TYPE, *QUERIES),
            *(*MEASURED, *COMPLETED, *RUN, *NAME, *STEP, *LOGIN, *SEEN),
            *(*spellings(*USER), *PERSON, *OPEN, *STATUS, *REASON, *ENTRY, *EXIT),
        )
    )
)
