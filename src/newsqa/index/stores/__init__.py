"""Vector and lexical stores: faiss and tantivy, and exact ones as their oracles.

Everything here is a cache of the catalog and can be made again from it. The exact stores are
slow and obviously right: the tests hold the fast ones against them, and the index scores its
newest passages with them. Importing this package loads neither faiss nor tantivy.
"""

from __future__ import annotations

from newsqa.index.stores.exact_stores import ExactVectors, ExactWords
from newsqa.index.stores.faiss_store import FaissBackend
from newsqa.index.stores.tantivy_store import TantivyBackend
from newsqa.protocols import Stores

__all__ = ["LOCAL_STORES", "ExactVectors", "ExactWords"]

LOCAL_STORES = Stores(FaissBackend(), TantivyBackend())  # unless the user gives others
