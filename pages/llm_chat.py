"""LLM chat: what becomes of answers, from the prompt to the copy; or one chat, turn by turn."""

from pages.ui.controls import parameter
from pages.ui.frame import open_page
from pages.ui.visitor import ANALYST
from pages.views import chat_page, llm_chat

if parameter("chat") or parameter("session"):
    asked = chat_page.asks()
    chat_page.show(open_page("LLM chat", filtered=False, wants=ANALYST, asks=lambda _: asked))
else:
    llm_chat.show(open_page("LLM chat", compared=True, asks=llm_chat.asks))
