"""The page, in Gradio: the only module that imports it.

Gradio is used as a transport, and for three things: it serves the page's shell (tabs, columns,
question box), it carries a question to `newsqa.web.chat.thread` and streams the states of the
thread back, and it answers its official client (`newsqa.web.chat.gradio_api`). All else is ours:
the HTML of every state comes, escaped, from `newsqa.web.html`, and the page's own scripts
(``page/*.js``) open articles and keep the filters through the routes below ``/page``.

`gr.HTML` is not used: it evaluates its templates, which the policy of
`newsqa.web.middleware.request_guard` forbids. `gr.Markdown` leaves a block of HTML as it is and
does not touch the blocks that did not change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import TYPE_CHECKING, Any

from newsqa.engine import NewsQA
from newsqa.settings import Settings
from newsqa.web.chat import thread as threads
from newsqa.web.chat.gradio_api import EndpointError, endpoints
from newsqa.web.html import articles_tab, layout, messages
from newsqa.web.html.markup import render
from newsqa.web.work_queue import WorkQueue

if TYPE_CHECKING:
    from fastapi import FastAPI

_MAX_QUEUED = 50  # questions of all visitors that Gradio holds
_MAX_FILTER_CHARS = 20_000
Output = tuple[str, dict[str, Any], threads.Thread]


def application(qa: NewsQA, queue: WorkQueue, settings: Settings) -> FastAPI:
    """Return the page as an application of its own."""
    import gradio as gr
    from fastapi import FastAPI

    page = build(qa, queue, settings)
    page.queue(max_size=_MAX_QUEUED, default_concurrency_limit=2 * settings.threads, api_open=False)
    mounted: FastAPI = gr.mount_gradio_app(
        FastAPI(docs_url=None, redoc_url=None, openapi_url=None),
        page,
        path="/",
        show_error=False,
        max_file_size="1kb",
        allowed_paths=[],
        blocked_paths=["/"],
        enable_monitoring=False,
        run_history=False,
        ssr_mode=False,
        mcp_server=False,
        pwa=False,
        footer_links=[],
        theme=_theme(),
        head=layout.render_head(),
    )
    return mounted


def build(qa: NewsQA, queue: WorkQueue, settings: Settings) -> Any:
    """Return the page as Gradio Blocks."""
    import gradio as gr

    with gr.Blocks(title=messages.TITLE, fill_width=True, analytics_enabled=False) as page:
        _markup(layout.render_header(changing=not settings.read_only), "nq-head")
        with gr.Row(elem_id="nq-main", equal_height=False):
            with (
                gr.Column(scale=6, min_width=280, elem_id="nq-left"),
                gr.Tabs(elem_id="nq-tabs"),
            ):
                with gr.Tab(messages.TAB_ASK, id="ask"):
                    _ask_tab(qa, queue, settings)
                with gr.Tab(messages.TAB_SEARCH, id="search"):
                    _markup(render("search_tab"), "nq-search-panel")
                with gr.Tab(messages.TAB_MANAGE, id="manage"):
                    manage = articles_tab.render_tab(
                        changing=not settings.read_only,
                        with_token=bool(settings.admin_token),
                        folders=bool(settings.folder_roots),
                    )
                    _markup(manage, "nq-manage")
            with gr.Column(scale=5, min_width=280, elem_id="nq-right"):
                _markup(render("reader_pane"), "nq-reader-pane")
        _add_endpoints(qa, queue)
    return page


def _add_endpoints(qa: NewsQA, queue: WorkQueue) -> None:
    """Name what Gradio's client may call; the events of the page itself are private."""
    import gradio as gr
    from gradio.events import api

    def raising_gradio_errors(endpoint: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(endpoint)
        def call(*values: Any) -> Any:
            try:
                return endpoint(*values)
            except EndpointError as error:
                raise gr.Error(str(error), print_exception=False) from None

        return call

    for name, endpoint in endpoints(qa, queue).items():
        api(raising_gradio_errors(endpoint), api_name=name, api_description=endpoint.__doc__)


def _markup(html: str, elem_id: str) -> Any:
    """Put HTML of ours on the page; it must be one line, or blocks with a blank line between."""
    import gradio as gr

    return gr.Markdown(
        html, sanitize_html=False, latex_delimiters=[], elem_id=elem_id, container=False
    )


def _ask_tab(qa: NewsQA, queue: WorkQueue, settings: Settings) -> None:
    import gradio as gr

    thread_html = _markup(render("welcome"), "nq-thread")
    with gr.Column(elem_id="nq-ask"):
        question = gr.Textbox(
            label=messages.QUESTION_LABEL,
            show_label=False,
            placeholder=messages.QUESTION_HINT,
            max_lines=6,
            max_length=settings.max_question_chars,
            autofocus=True,
            submit_btn=True,
            stop_btn=False,
            container=False,
            elem_id="nq-question",
        )
        _markup(render("filter_bar"), "nq-filter-bar")
    filters = gr.Textbox(
        "", visible="hidden", elem_id="nq-filter", label="", max_length=_MAX_FILTER_CHARS
    )
    clear = gr.Button(messages.CLEAR, visible="hidden", elem_id="nq-clear")
    thread, stop = gr.State(()), gr.State(threads.Stop())
    quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    # A name of its own: "ask" is the endpoint's, though this one cannot be called.
    once: dict[str, Any] = {"trigger_mode": "once", "api_name": "page"}
    inputs, outputs = [question, filters, thread, stop], [thread_html, question, thread]
    question.submit(_ask_handler(qa, queue, settings), inputs, outputs, **once, **quiet)
    # Not by Gradio's own cancelling: after it the next question would be swallowed.
    question.stop(_press, [stop], None, **quiet)
    clear.click(_start_again, [stop], [thread_html, thread], **quiet)


def _ask_handler(
    qa: NewsQA, queue: WorkQueue, settings: Settings
) -> Callable[[str, str, threads.Thread, threads.Stop], Iterator[Output]]:
    import gradio as gr

    def ask(
        text: str, filters: str, thread: threads.Thread, stop: threads.Stop
    ) -> Iterator[Output]:
        text = (text or "").strip()
        if not text:
            yield gr.skip(), gr.skip(), gr.skip()
            return
        cleared: dict[str, Any] = {"value": ""}
        for state in threads.ask(qa, queue, settings, thread, text, filters or "", stop):
            busy = bool(state) and state[-1].busy
            box = gr.update(**cleared, submit_btn=not busy, stop_btn=busy)
            cleared = {}  # once: what is typed meanwhile stays
            yield threads.html_of(state) or render("welcome"), box, state

    return ask


def _press(stop: threads.Stop) -> None:
    stop.pressed = True


def _start_again(stop: threads.Stop) -> tuple[str, threads.Thread]:
    stop.pressed = stop.cleared = True
    return render("welcome"), ()


def _theme() -> Any:
    import gradio as gr

    system = ["ui-sans-serif", "system-ui", "sans-serif"]
    return gr.themes.Base(
        primary_hue=gr.themes.colors.teal,
        neutral_hue=gr.themes.colors.stone,
        font=system,
        font_mono=["ui-monospace", "monospace"],
    ).set(
        body_background_fill="#fbfaf8",
        body_background_fill_dark="#16181a",
        block_background_fill="#ffffff",
        block_background_fill_dark="#1d2022",
        background_fill_secondary_dark="#23282b",
        input_background_fill="#ffffff",
        input_background_fill_dark="#1d2022",
        button_secondary_background_fill_dark="#2b3033",
        border_color_primary_dark="#33393d",
        body_text_color_subdued="#5f5a55",
        body_text_color_subdued_dark="#b4b0aa",
        block_shadow="none",
        block_radius="12px",
    )
