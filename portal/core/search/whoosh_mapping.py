"""The files of an index read where they lie; Whoosh's own way copies each whole into memory."""

import mmap
from threading import Lock
from typing import Any
from weakref import WeakValueDictionary

from whoosh.codec.whoosh3 import W3Codec, W3Segment
from whoosh.filedb.compound import CompoundStorage
from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import BufferFile


class _Reading:
    """A place in a part of a mapped file, as a file that is read."""

    def __init__(self, part: memoryview) -> None:
        self._part = part
        self._at = 0

    def read(self, size: int = -1) -> bytes:
        end = len(self._part) if size < 0 else self._at + size
        read = bytes(self._part[self._at : end])
        self._at += len(read)
        return read

    def readline(self) -> bytes:
        """Pickles want it; ours hold no lines, so all that is left may be one."""
        line = bytes(self._part[self._at :]).partition(b"\n")
        return self.read(len(line[0]) + len(line[1]))

    def seek(self, place: int, whence: int = 0) -> int:
        self._at = (0, self._at, len(self._part))[whence] + place
        return self._at

    def tell(self) -> int:
        return self._at


class _Part(BufferFile):
    """One file within a mapped one."""

    def __init__(self, part: memoryview, name: str | None = None) -> None:
        self._buf, self._name, self.file = part, name, _Reading(part)
        self.onclose = None
        self.is_real = self.is_closed = False


_maps: WeakValueDictionary[str, mmap.mmap] = WeakValueDictionary()
_one_maps = Lock()


class _Whole(CompoundStorage):
    """The files of one segment in one, mapped once for all threads of a process."""

    def __init__(self, storage: FileStorage, name: str) -> None:
        file = storage.open_file(name)
        super().__init__(file, use_mmap=False)
        path = storage._fpath(name)
        with _one_maps:
            known = _maps.get(path)
            if known is None:
                known = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
                _maps[path] = known
        self._source: mmap.mmap | None = known
        self._file = None
        file.close()

    def open_file(self, name: str, *_: Any, **__: Any) -> BufferFile:
        offset, length = self.range(name)
        return _Part(memoryview(self._source)[offset : offset + length], name)  # type: ignore[arg-type]

    def close(self) -> None:
        """Others may be reading it: the map goes with the last who does."""
        self._source, self.is_closed = None, True


class Segment(W3Segment):
    def open_compound_file(self, storage: FileStorage) -> CompoundStorage:
        return _Whole(storage, self.make_filename(self.COMPOUND_EXT))


class Codec(W3Codec):
    """Lengths are columns of ours: Whoosh's own are rounded, and looked up for each posting."""

    length_stats = False

    def new_segment(self, _storage: FileStorage, index_name: str) -> Segment:
        return Segment(self, index_name)
