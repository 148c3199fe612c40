"""What the commands call of the rest of newsqa; a test passes a subclass that answers itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from newsqa.engine import NewsQA
    from newsqa.evaluation.harness import Results
    from newsqa.index import Index, Report, Verification
    from newsqa.protocols import Encoder, Progress
    from newsqa.settings import Settings


class Services:
    """Opens, builds and serves the index that the settings name; imports when called."""

    def open(self, settings: Settings) -> NewsQA:
        """Open the index to ask questions."""
        import newsqa

        return newsqa.open(settings.index, settings=settings)

    def open_index(self, settings: Settings) -> Index:
        """Open the index to read and change what is stored."""
        from newsqa.index import Index

        return Index.open(settings.index, encoder=_encoder(settings), settings=settings)

    def build(
        self,
        paths: Sequence[Path],
        settings: Settings,
        *,
        progress: Progress | None = None,
        allow: Sequence[str] = (),
    ) -> Report:
        """Build the index from ``paths``, or from the stored articles if there are none."""
        from newsqa.errors import IndexNotFoundError
        from newsqa.index import Index, exists

        if not paths and not exists(settings.index):
            raise IndexNotFoundError(settings.index)
        return Index.build(
            paths,
            settings.index,
            encoder=_encoder(settings),
            settings=settings,
            progress=progress,
            allow=allow,
        )

    def preview(
        self, folder: Path, settings: Settings, *, progress: Progress | None = None
    ) -> Report:
        """Report what a build from ``folder`` would do; nothing is kept."""
        from newsqa.index.maintenance import sync
        from newsqa.index.update import WriteContext

        with TemporaryDirectory() as temp_folder:
            context = WriteContext(Path(temp_folder), _encoder(settings), settings, progress)
            return sync(context, folder, dry_run=True)

    def restore(self, settings: Settings, file: Path) -> int:
        """Replace the index by a backup and return the new generation."""
        from newsqa.index import Index

        generation = Index.restore(settings.index, file)
        self.repair(settings)  # a backup holds no caches; `verify` would report them missing
        return generation

    def verify(self, settings: Settings, *, deep: bool = False) -> Verification:
        """Check every stored row and file; unlike `Index.open`, accept a damaged index."""
        from newsqa.index.verify import verify

        return verify(settings.index, _encoder(settings), deep=deep)

    def repair(self, settings: Settings, *, progress: Progress | None = None) -> Verification:
        """Rebuild the caches from the articles and return what is still damaged."""
        from newsqa.index.update import WriteContext
        from newsqa.index.verify import repair

        return repair(WriteContext(settings.index, _encoder(settings), settings, progress))

    def serve(self, settings: Settings) -> None:
        """Serve the web chat and the HTTP API until stopped."""
        from newsqa.web.server import serve

        serve(settings)

    def serve_mcp(self, settings: Settings) -> None:
        """Serve one MCP client over stdin and stdout until it leaves."""
        from newsqa.web.mcp.transports import serve_stdio

        serve_stdio(settings)

    def evaluate(
        self,
        folders: Sequence[Path],
        settings: Settings,
        *,
        corpus: Path | None = None,
        per_question: Path | None = None,
        against: Path | None = None,
        progress: Progress | None = None,
    ) -> Results:
        """Run question sets; see `newsqa.evaluation.harness.evaluate`."""
        from newsqa.evaluation.harness import evaluate

        return evaluate(
            folders,
            corpus=corpus,
            settings=settings,
            per_question=per_question,
            against=against,
            progress=progress,
        )


def _encoder(settings: Settings) -> Encoder:
    from newsqa.models import open_encoder

    return open_encoder(settings.encoder, threads=settings.threads, cache_dir=settings.cache_dir)
