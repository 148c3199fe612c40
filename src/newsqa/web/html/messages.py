"""Every word of the page that is not an article's or a person's."""

from __future__ import annotations

from newsqa.replies import ReasonCode, Role

TITLE = "newsqa"
QUESTION_LABEL = "Question"
QUESTION_HINT = "Ask about the news in these articles"
WELCOME = "Ask the articles"
WELCOME_MORE = (
    "Every answer is a quotation, word for word, with the place where it stands. "
    "If the articles do not say, you are told so."
)
TRY = "Try one of these"
SEARCHING = "Searching the articles …"
READING = "Reading {passages} of {articles} …"
READ = "Read {passages} of {articles}"
PASSAGES = ("{count} passage", "{count} passages")
ARTICLES = ("{count} article", "{count} articles")
OUTLETS_COUNTED = ("{count} outlet", "{count} outlets")
FROM_OUTLETS = "{articles} from {outlets}"
MONTHS = "{first} to {last}"
UPDATED = "updated"
SECONDS = "{count:.1f} s"
MILLISECONDS = "{count:.0f} ms"
CITATION = "Citation {n}"
ALSO = "Also in the coverage"
ROLE_HEADINGS: dict[Role, str] = {
    "answer": "",
    "supports": ALSO,
    "conflicts": "Reports differ",
    "earlier": "Reported earlier",
    "correction": "Corrected since",
    "related": "Nearest passages, not an answer",
}
ROLE_LABELS: dict[Role, str] = {
    "answer": "",
    "supports": "",
    "conflicts": "says otherwise",
    "earlier": "earlier report",
    "correction": "correction",
    "related": "",
}
CERTAINTY = (
    (0.75, "Very likely the answer"),
    (0.5, "Likely the answer"),
    (0.25, "Perhaps the answer"),
    (0.0, "Not sure this is the answer"),
)
HOW = "How this came about"
CERTAINTY_HINT = "Probability that the first quotation answers the question: {value:.0%}"
ABSTAIN_HEADS: dict[ReasonCode, str] = {
    "nothing_found": "Nothing on this in these articles",
    "not_stated": "These articles do not say",
    "outside_dates": "Not within these dates",
    "filtered_out": "Not within these filters",
}
NOT_HERE = "The answer is not in these articles."
HELD_BACK = "An answer exists outside the filters that are set."
MISSING = "Not mentioned anywhere: {words}."
ALSO_PRINTED = "Also printed by"
READ_AS = "Understood as: {question}"
ARTICLE = "Article"
READER_EMPTY = "Open a citation, and the whole article appears here with the quoted words marked."
CLOSE = "Close"
ORIGINAL = "Original article"
FURNITURE_LEFT_OUT = "The site’s own leftovers (menus, share lines) are left out here."
LOST_CHARACTERS = "Characters that could not be read, each shown as \ufffd: {count}."
VERSION_OF = "Version {version} of {last}"
NEWER_VERSION = "There is a newer version of this article."
UNTITLED = "Untitled"
UNDATED = "undated"
NO_SOURCE = "source not named"
PAGE = "page {page}"
COPY = "Copy"
COPY_MARKDOWN = "Copy as Markdown"
ASK_AGAIN = "Ask again"
EDIT = "Edit"
CLEAR = "Clear"
BUSY = "Many questions are being answered at the moment. Please ask again in a few seconds."
WENT_WRONG = "Something went wrong while answering. The question is kept; please ask again."
TOO_LONG = "A question may have up to {limit:,} characters; this one has {given:,}."
BAD_FILTER = "That filter cannot be used: {reason}."
UNREADABLE = "it is not readable"
GONE = "This article is no longer in the index."
STOPPED = "Stopped."
TOO_SLOW = "This took too long and was ended. Please ask again, or ask about less with the filters."
CONVERSATION = "Conversation"
FILTERS = "Filters"
NO_FILTERS = "none"
CHANGE = "Change"
FROM = "From"
TO = "To"
AS_OF = "As of"
AS_OF_HINT = "Only what had been published by that day, as it stood then"
SINCE = "from {day}"
UNTIL = "to {day}"
AS_OF_DAY = "as of {day}"
OUTLETS = "Outlets"
ALL_OUTLETS = "All outlets when none is chosen"
NO_OUTLET = "No outlet has this in its name."
FIND_OUTLET = "Find one of {count}"
MORE_OUTLETS = "and {count} more, found below by their names"
RESET = "Reset"
TAB_ASK = "Ask"
TAB_MANAGE = "Articles"
DROP = "Drop articles here"
DROP_MORE = (
    "Text, Markdown, HTML, PDF, Word, mails, feeds, JSON lines, or many in one archive; "
    "up to 20 MB each"
)
CHOOSE = "Choose files"
TOKEN = "Admin token"
IN_INDEX = "In the index"
FIND_ARTICLE = "Find an article"
REMOVE = "Remove"
LIGHT_DARK = "Light or dark"
NO_SUCH_ARTICLE = "No article has these words in its title or source."
SHOWN = "{first}–{last} of {all}"
PREVIOUS = "Previous"
NEXT = "Next"
COLUMNS = ("Title", "Outlet", "Date")
REMOVE_ONE = "Remove {title}"
TAB_SEARCH = "Search"
SEARCH_LABEL = "Search for"
SEARCH_HINT = "Words, or an “exact phrase” in quotation marks"
SEARCH_GO = "Search"
SORT = "Sort by"
BY_RELEVANCE = "relevance"
BY_DATE = "date"
HITS = "{passages} in {articles}, best first"
HITS_BY_DATE = "{passages} in {articles}: the most relevant, newest first"
NO_HITS = "Nothing in these articles has these words within the filters that are set."
REMAIN = "{fitting} of {total} remain"
TIMELINE = "Articles over time"
TIME_BAR = "{time}: {articles}"
WHOLE_TIME = "All dates"
HELPFUL = "Helpful"
NOT_HELPFUL = "Not helpful"
LINK = "Copy link"
EXPORT = "Export"
EXPORTS = (("markdown", "Markdown"), ("html", "Web page"), ("json", "JSON"))
PREVIOUS_CITATION = "Previous citation"
NEXT_CITATION = "Next citation"
VERSION = "Version {version}"
PASTE = "Or paste an article"
PASTE_TITLE = "Title"
PASTE_TEXT = "Text"
PASTE_ADD = "Add this text"
FOLDER = "Or add a folder of this server"
FOLDER_MORE = "It must lie where the operator allows it. Articles that are there already stay."
FOLDER_PATH = "Path"
FOLDER_ADD = "Add this folder"
REBUILD = "Or rebuild the index"
REBUILD_GO = "Rebuild"
REBUILD_MORE = (
    "Cuts and indexes the stored articles anew where the settings have changed. Files are not "
    "read again; the command “newsqa index build” does that. Questions are answered meanwhile."
)
FACT_ARTICLES = "Articles"
FACT_PASSAGES = "Passages"
FACT_DATES = "Published"
FACT_CHANGED = "Last change"
HISTORY = "History"
HISTORY_MORE = "What you asked, kept in this browser and nowhere else. A click asks again."
FORGET_ALL = "Forget all"
KEYS = "Keyboard"
KEY_LIST = (
    ("/", "write a question"),
    ("Enter", "send it"),
    ("Shift + Enter", "new line"),
    ("n, p", "next, previous citation"),
    ("h", "questions asked before"),
    ("Esc", "close the article"),
    ("?", "this list"),
)
SINGLE_KEYS = "Keys of one letter or sign"
SINGLE_KEYS_MORE = (
    "Off, only Enter, Shift + Enter and Esc do anything by themselves. Kept in this browser."
)

# The script's own words: they go along with the page, and `say` in newsqa.js fills them in.
SCRIPT: dict[str, str | tuple[str, ...]] = {
    "since": SINCE,
    "until": UNTIL,
    "as_of": AS_OF_DAY,
    "page": PAGE,
    **{f"role_{role}": label for role, label in ROLE_LABELS.items() if label},
    "conversation": CONVERSATION,
    "tab_search": TAB_SEARCH,
    "remove": REMOVE,
    "reader_empty": READER_EMPTY,
    "send": "Send",
    "stop": "Stop",
    "step": "Citation {at} of {all}",
    "seconds": "{count} s",
    "wrong_dates": "These dates are in the wrong order.",
    "also_printed": ALSO_PRINTED,
    "not_searched": "This cannot be searched for.",
    "adding": "Adding {which} of {all}: {names}",
    "adding_folder": "Adding {path}",
    "rebuilding": "Rebuilding",
    "doing": "{stage} {done}",
    "doing_of": "{stage} {done} of {total}",
    "added_one": "1 article added",
    "added": "{count} articles added",
    "there": "{count} already there",
    "not_taken": "{count} not taken",
    "rebuilt": "Rebuilt with the settings in force.",
    "as_it_was": "Nothing to rebuild: the index is as the settings say.",
    "removed": "1 article removed.",
    "not_removed": "Not removed: {why}",
    "not_done": "Not done: {why}",
    "heads": ("File", "Result", "Why"),
    "failed": "failed",
    "skipped": "skipped",
    "really": "Really?",
    "answered_with": "the server answered {status}",
    "unreachable": "the server cannot be reached",
    "busy": "the server is busy at the moment; please try again in a few seconds",
    "not_shown": "This cannot be shown: {why}",
    "not_kept": "Not kept: {why}",
    "not_copied": "This browser does not let the page copy.",
    "pasted": "pasted",
    "not_here": "Not in these articles: {why}",
    "copied": "Copied",
    "proof": "Every quotation is word for word; the command “newsqa prove” checks them.",
    "citations": "Citations for “newsqa prove”",
    "why": "Why",
    "reasons": ("not what was asked", "out of date", "the articles do say it", "something else"),
    "nothing_asked": "No question yet.",
    "forget": "Forget “{question}”",
}
