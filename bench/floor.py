"""The floor: one query and twenty rows in a Jinja table, served as the portal is."""

import os
from datetime import date, timedelta

from flask import Flask, render_template
from jinja2 import DictLoader
from sqlalchemy import create_engine, event, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Rows</title></head>
<body><main><h1>Rows</h1><table>{% for row in rows %}
<tr><td>{{ row.id }}</td><td>{{ row.name }}</td><td>{{ row.due_on }}</td></tr>{% endfor %}
</table></main></body></html>"""
ROWS = 2000


class Model(DeclarativeBase):
    pass


class Row(Model):
    __tablename__ = "bench_floor_rows"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    due_on: Mapped[date] = mapped_column(index=True)


def make_app() -> Flask:
    engine = create_engine(os.environ["FLOOR_DATABASE_URL"])
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda one, _: one.execute("PRAGMA journal_mode = WAL"))
    Model.metadata.create_all(engine)
    with Session(engine) as session:
        if not session.scalar(select(func.count()).select_from(Row)):
            first = date(2026, 1, 1)
            days = [first + timedelta(days=number % 365) for number in range(ROWS)]
            session.add_all(Row(name=f"Row {n}", due_on=day) for n, day in enumerate(days))
            session.commit()
    app = Flask(__name__, static_folder=None)
    app.jinja_loader = DictLoader({"rows.html": PAGE})

    @app.get("/")
    def rows() -> str:
        with Session(engine) as session:
            found = session.scalars(select(Row).order_by(Row.due_on, Row.id).limit(20)).all()
            return render_template("rows.html", rows=found)

    return app
