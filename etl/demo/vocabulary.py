"""The words of the made-up product: its pages, prompts, searches and errors.

Holds text only. Nothing here is drawn, counted or written.
"""

SITE = "https://lumen.example"
CHAT = "https://chat.lumen.example"

DOCS = (
    "getting-started",
    "first-chat",
    "prompts",
    "citations",
    "collections",
    "workflows",
    "sharing",
    "api/authentication",
    "api/rate-limits",
    "models",
    "privacy",
    "troubleshooting",
)
BLOG = (
    "meet-aurora",
    "why-citations-matter",
    "reading-long-papers",
    "ten-prompts-for-analysts",
    "how-we-measure-answers",
    "workflows-for-teams",
    "a-week-with-lumen",
    "what-we-learned-from-the-beta",
)
TOPICS = (
    "battery recycling",
    "a database migration",
    "the housing market",
    "sleep and memory",
    "on-call rotations",
    "unit economics",
    "grid storage",
    "a Python test suite",
    "customer interviews",
    "the new packaging rules",
    "retrieval evaluation",
    "marathon training",
    "wind turbine maintenance",
    "teaching fractions",
    "quarterly earnings",
    "sourdough at altitude",
    "a hiring scorecard",
    "rail timetables",
    "antibiotic resistance",
    "the onboarding e-mail",
    "shipping costs",
    "coral reefs",
    "meeting notes",
    "SQL window functions",
)
TITLES = (
    "What I learned about {}",
    "Notes on {}",
    "Five sources on {}",
    "Has anyone compared tools for {}?",
    "My workflow for {}",
    "A short guide to {}",
)
SEARCHES = (
    "{}",
    "{} examples",
    "best sources on {}",
    "{} summary",
    "{} 2026",
    "template for {}",
)
COLLECTIONS = ("Reading list", "Team research", "Drafts", "Sources", "Ideas", "To review")

PROMPTS = {
    "question": (
        "What are the main open questions about {}?",
        "Who has written well about {}, and what do they disagree on?",
        "Is there good evidence that {} changed in the last five years?",
        "What would a sceptic say about {}?",
    ),
    "how_to": (
        "How do I get started with {}?",
        "Give me a step by step plan for {}.",
        "How would a small team approach {} with no budget?",
    ),
    "code": (
        "Write a short script that helps with {}.",
        "Why does my query about {} return no rows?",
        "Turn this list about {} into a table with types.",
    ),
    "summary": (
        "Summarise what is known about {} in five points.",
        "Give me a one-paragraph briefing on {}.",
        "Condense these notes on {} for my manager.",
    ),
    "compare": (
        "Compare the two usual approaches to {}.",
        "What are the trade-offs in {} for a small company?",
        "Which is cheaper in the long run for {}, and why?",
    ),
}
QUERY_TYPES = tuple(PROMPTS)
QUERY_WEIGHTS = (34, 22, 17, 17, 10)
MARKET_PROMPTS = (
    "How did {} do compared with its sector this quarter?",
    "Summarise the latest earnings call of {}.",
    "What are the main risks for {} next year?",
)
ASSETS = ("AAPL", "MSFT", "NVDA", "AMZN", "TSLA", "GOOGL", "SAP", "ASML", "BTC", "ETH")
ASSET_WEIGHTS = (22, 15, 20, 10, 12, 7, 4, 4, 8, 4)
TAGS = ("research", "writing", "coding", "learning", "finance", "planning", "team")
TAG_WEIGHTS = (26, 20, 18, 14, 10, 8, 4)

WORKFLOWS = ("weekly_digest", "literature_review", "competitor_watch", "meeting_notes")
WORKFLOW_WEIGHTS = (38, 24, 20, 18)
WORKFLOW_STEPS = ("choose_sources", "configure", "run", "review", "export")

ERRORS = (
    ("TypeError: cannot read properties of undefined", 0),
    ("Request timed out", 504),
    ("Search is not available right now", 503),
    ("You have reached the rate limit", 429),
    ("Page not found", 404),
)
OUTAGE_ERRORS = (("Service unavailable", 503), ("Bad gateway", 502), ("Timed out", 504))

# What people came from: referrer, campaign (utm_campaign of the landing URL), weight.
REFERRERS = (
    (None, None, 40),
    ("https://www.google.com/", None, 27),
    ("https://www.google.com/", "brand-search", 5),
    ("https://duckduckgo.com/", None, 4),
    ("https://www.bing.com/", None, 3),
    ("https://news.ycombinator.com/item?id=40112233", None, 4),
    ("https://www.reddit.com/r/productivity/", None, 4),
    ("https://www.linkedin.com/", "autumn-launch", 6),
    ("https://mail.example.org/", "newsletter-november", 4),
    (None, "newsletter-october", 3),
)
