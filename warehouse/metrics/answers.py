"""The metrics of the answers in chats that groups are compared by, in their users' words.

Never computes anything: each has its line of SQL in `queries/_measured_turns.sql`. They say the
same as those of metrics/chat.py, which tells of one product what this tells of groups.
"""

from warehouse.metrics.registry import Metric

ANSWERS = (
    Metric(
        "median_latency_seconds",
        "Median response time",
        "Half of the responses took longer to come: as told, else since the prompt.",
        "seconds",
        -1,
        "chat.models",
    ),
    Metric(
        "p95_latency_seconds",
        "95th percentile response time",
        "One response in twenty took longer to come.",
        "seconds",
        -1,
        "chat.models",
    ),
    Metric(
        "copied_rate",
        "Answers copied",
        "Share of responses of which something was copied, before the next prompt of the chat.",
        "rate",
        1,
        "chat.models",
    ),
    Metric(
        "selected_rate",
        "Answers selected",
        "Share of responses of which something was selected, before the next prompt of the chat.",
        "rate",
        1,
        "chat.models",
    ),
    Metric(
        "citation_rate",
        "Citations opened",
        "Share of responses of which a citation was opened.",
        "rate",
        1,
        "chat.models",
    ),
    Metric(
        "feedback_rate",
        "Answers with feedback",
        "Share of responses that were judged, up, down or neutral.",
        "rate",
        0,
        "chat.models",
    ),
    Metric(
        "positive_rate",
        "Positive feedback",
        "Share of ups among responses judged up or down: of those alone who judged.",
        "rate",
        1,
        "chat.feedback",
    ),
    Metric(
        "rephrased_rate",
        "Prompts rephrased",
        "Share of responses after which the next prompt of the chat came within 20 s (exactly "
        "20 s is within), without a copy or selection.",
        "rate",
        -1,
        "chat.models",
    ),
    Metric(
        "silent_success_rate",
        "Silent success",
        "Share of responses that were copied or selected, and not judged.",
        "rate",
        1,
        "chat.models",
    ),
    Metric(
        "silent_failure_rate",
        "Silent failure",
        "Share of responses that were rephrased, or were the last of a finished session, with no "
        "action after and nothing more than 20 s behind them.",
        "rate",
        -1,
        "chat.models",
    ),
    Metric(
        "answer_error_rate",
        "Prompts that met an error",
        "Share of prompts that met an error, instead of a response or beside it.",
        "rate",
        -1,
        "chat.models",
    ),
)

BY_NAME = {metric.name: metric for metric in ANSWERS}
