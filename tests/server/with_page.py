"""The API on scripted services with the real page, as a program: `python -m tests.server.with_page PORT DATABASE_URL`.

A program of its own, for Gradio leaves event loops open where it is imported.
"""

import sys

import uvicorn

from core.artifacts import Wording
from server.app import create_app
from tests.fakes_turn import fake_services
from ui.page import create_page, mount_page

if __name__ == "__main__":
    port, database_url = int(sys.argv[1]), sys.argv[2]
    app = create_app(fake_services(database_url))
    words = Wording(item="film", items="films", category="genre")
    mount_page(app, create_page(f"http://127.0.0.1:{port}", None, "Tastemaker", words, []))
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")
