"""The chat page. It speaks to the API at an address, like any client, and knows no other part of the program."""

import os
from collections.abc import AsyncIterator
from contextlib import aclosing
from html import escape
from pathlib import Path
from string import Template
from typing import Any

import gradio as gr
from fastapi import FastAPI

from core.artifacts import Wording
from core.conversation import Verdict
from ui.answering import Answering, Memory, Question, Visitor
from ui.client import ApiClient, ApiError
from ui.transcript import turns

HERE = Path(__file__).parent
ICON = HERE / "icon.svg"
# The files of the page's script, in the order in which they are joined.
SCRIPT = (
    *("page", "storage", "popularity", "picture", "painting", "toast"),
    *("turn", "feedback", "readiness", "chats", "box", "buttons", "bands", "start"),
)
# What a visitor is told of the language model: nothing where all is as it was set up. Why it is away is for those who
# run the server: /readyz says it.
BANNERS = {
    "ready": "",
    "loading": "The language model is loading. Until it is ready, answers come straight from search.",
    "off": "",
    "restarting": "The language model is starting again. Until it is ready, answers come straight from search.",
}
AWAY = "The language model can’t be reached. Answers come straight from search."

_IN_THE_MOOD = "What are you in the mood for?"
_LOOKS_FOR = "What are you looking for?"
_BOUGHT = frozenset({"item", "product"})  # nobody is in the mood for a kettle

# Fonts of the person's own system: nothing is fetched from elsewhere.
_FONTS = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif"]


class Judgement(Visitor):
    """A verdict on an item; None takes it back."""

    item: str
    verdict: Verdict | None


def create_page(
    api_url: str,
    api_key: str | None,
    title: str,
    wording: Wording,
    openers: list[str],
    *,
    max_message_chars: int = 8_000,
    popularity_correction: float = 0.0,
) -> gr.Blocks:
    """The page as Gradio blocks, for `mount_page`. `api_url` is the API's address without `/v1`.

    `popularity_correction` is the strength that the API uses where none is asked for; a visitor may choose another.
    """
    # After every event Gradio would sum up all events so far with pandas; nobody reads that here.
    os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", str(2**31))
    client = ApiClient(api_url, api_key)
    answering = Answering(client, wording)

    async def answer(event: gr.EventData, memory: Memory) -> AsyncIterator[dict[str, Any]]:
        question = Question.model_validate(event._data)
        async with aclosing(answering.run(question, memory)) as answered:
            async for news in answered:
                yield {"turn": question.turn, **news}

    async def stop(turn: str) -> bool:
        await answering.stop(turn)
        return True

    async def restore(request: dict[str, Any]) -> dict[str, Any]:
        visitor = Visitor.model_validate(request)
        try:
            kept = await client.conversation(visitor.conversation, user=visitor.user)
        except ApiError as error:
            return {"error": str(error)}
        verdicts = {feedback.item_id: feedback.verdict for feedback in kept.feedback}
        return {"turns": turns(kept.messages, wording), "verdicts": verdicts}

    async def judge(request: dict[str, Any]) -> dict[str, Any]:
        said = Judgement.model_validate(request)
        try:
            await client.feedback(said.item, said.verdict, user=said.user, conversation_id=said.conversation)
        except ApiError as error:
            return {"error": str(error)}
        return {"saved": True}

    async def readiness(_: object) -> dict[str, str]:
        try:
            return {"text": BANNERS.get(await client.readiness(), AWAY)}
        except ApiError as error:
            return {"text": str(error)}

    page = gr.Blocks(title=title, analytics_enabled=False, fill_width=True)
    with page:
        memory = gr.State(Memory())
        chat = gr.HTML(
            html_template=_template(title, wording, openers),
            js_on_load="\n".join((HERE / "script" / f"{part}.js").read_text(encoding="utf-8") for part in SCRIPT),
            server_functions=[stop, restore, judge, readiness],
            apply_default_css=False,
            elem_id="chat",
            max_message_chars=max_message_chars,
            popularity_correction=popularity_correction,
        )
        # No limit of the page's own: the API bounds how many turns run at once, and says so. The script lets one turn
        # at a time through; Gradio would hold back the first message after a stopped answer.
        chat.submit(
            answer,
            memory,
            chat,
            concurrency_limit=None,
            trigger_mode="multiple",
            show_progress="hidden",
            api_visibility="private",
        )
    return page


def mount_page(app: FastAPI, page: gr.Blocks, path: str = "/") -> None:
    """Serve the page from `app`. Routes that `app` already has go before it."""
    style = (HERE / "style.css").read_text(encoding="utf-8")
    gr.mount_gradio_app(
        app,
        page,
        path=path,
        theme=_theme(),
        head=f'<meta name="color-scheme" content="light dark"><style>{style}</style>',
        favicon_path=str(ICON),
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
    )


def _template(title: str, wording: Wording, openers: list[str]) -> str:
    buttons = "".join(f'<li><button type="button" data-ask>{_literal(opener)}</button></li>' for opener in openers)
    html = Template((HERE / "page.html").read_text(encoding="utf-8"))
    return html.substitute(
        title=_literal(title),
        question=_LOOKS_FOR if wording.item in _BOUGHT else _IN_THE_MOOD,
        item=_literal(wording.item),
        items=_literal(wording.items),
        placeholder=_literal(f"Ask for {wording.items} …"),
        openers=buttons,
    )


def _literal(text: str) -> str:
    """Text that stands for itself in HTML, and in the two template languages that Gradio runs over it."""
    return escape(text).translate({ord(sign): f"&#{ord(sign)};" for sign in "$`\\{}"})


def _theme() -> gr.themes.Base:
    return gr.themes.Base(font=_FONTS, font_mono=["ui-monospace", "monospace"]).set(
        body_background_fill="#faf8f5",
        body_background_fill_dark="#151413",
        body_text_color="#1d1b18",
        body_text_color_dark="#f1ede7",
    )
