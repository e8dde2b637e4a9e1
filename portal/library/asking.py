"""What an address of the library's search asks for."""

from werkzeug.datastructures import MultiDict

from portal.core.search import Query

PAGE_SIZE = 20
MOST_VALUES = 5  # of one filter
FACETS = {
    "kind": "Kind", "theme": "Theme", "stage": "Stage", "service": "Service", "place": "Place",
    "year": "Year", "outcome": "How it went", "evidence": "Evidence", "language": "Language",
}  # fmt: skip
SORTS = {"relevance": "best match", "newest": "newest", "reviewed": "last reviewed",
         "useful": "most useful"}  # fmt: skip


def query(args: MultiDict[str, str], audiences: frozenset[str], page: int = 1) -> Query:
    """Its words and filters; a filter value that does not exist finds nothing."""
    filters = {name: tuple(filter(None, args.getlist(name)))[:MOST_VALUES] for name in FACETS}
    text = args.get("q", "").strip()[:300]
    return Query(
        text=text,
        filters={name: values for name, values in filters.items() if values},
        audiences=audiences,
        kinds=frozenset({"practice", "attachment"} if text else {"practice"}),
        page=page,
        page_size=PAGE_SIZE,
        sort=args["sort"] if args.get("sort") in SORTS else "relevance",  # type: ignore[arg-type]
    )
