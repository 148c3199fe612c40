"""Articles that the sample corpus does not hold, put into a running server and taken out again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.request import Request, urlopen

ARABIC = {
    "id": "jisr",
    "title": "افتتاح جسر الميناء الجديد",
    "source": "صحيفة الساحل",
    "published": "2026-05-02",
    "language": "ar",
    "text": "افتتح الوزير جسر الميناء الجديد يوم الجمعة بعد تأخير دام أربعة أشهر.\n\n"
    "وقالت المهندسة ليلى حداد إن الجسر يتسع لعشرين ألف سيارة في اليوم (20,000).",
}
HEBREW = {
    "id": "gesher",
    "title": "הרכבת לנמל חזרה לפעול",
    "source": "חדשות החוף",
    "published": "2026-05-03",
    "language": "he",
    "text": "הרכבת לנמל חזרה לפעול ביום ראשון לאחר שביתה של שלושה שבועות.\n\nמחיר הכרטיס לא ישתנה.",
}
CHINESE = {
    "id": "gangkou",
    "title": "港口大桥提前通车",
    "source": "海岸日报",
    "published": "2026-05-04",
    "language": "zh",
    "text": "港口大桥星期五提前通车。市长王丽说，大桥每天可以通过两万辆汽车。\n\n"
    "工程耗时三年，花费十二亿元。过桥不收费。",
}
JAPANESE = {
    "id": "minato",
    "title": "港の水族館が再開",
    "source": "海岸新聞",
    "published": "2026-05-05",
    "language": "ja",
    "text": "港の水族館は金曜日に再開した。館長の田中さんは、クラゲが三百匹いると話した。",
}


def _send(url: str, method: str, body: bytes | None = None) -> None:
    headers = {"Content-Type": "application/x-ndjson"} if body else {}
    with urlopen(Request(url, body, headers, method=method), timeout=60) as answer:
        assert answer.status == 200


@contextmanager
def held(
    address: str, articles: Sequence[dict[str, Any]], earlier: Sequence[dict[str, Any]] = ()
) -> Iterator[None]:
    """Keep articles in the index of a server for as long as this lasts.

    ``earlier`` are versions of them that came before.
    """
    for batch in filter(None, (earlier, articles)):
        lines = "\n".join(json.dumps(article) for article in batch)
        _send(f"{address}api/v1/articles", "POST", lines.encode())
    try:
        yield
    finally:
        for article in articles:
            _send(f"{address}api/v1/articles/{article['id']}", "DELETE")
