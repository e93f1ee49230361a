"""A stand-in for vLLM's processes: answers like it, with a worker beside it, and misbehaves when told to.

`python fake_vllm.py PORT MODE`: `serve`, or `broken` (one line of an error, then exit code 1), or `flaky` (lives
for a moment only). It says what it loads, and its worker is a process of its own.
"""

import http.server
import multiprocessing
import os
import sys
import threading
import time


class Handler(http.server.BaseHTTPRequestHandler):
    def _answer(self) -> None:
        body = b'{"data": [{"id": "fake"}]}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = _answer  # noqa: N815 - the base class's names

    def log_message(self, *arguments: object) -> None:
        pass


def main() -> None:
    port, mode = int(sys.argv[1]), sys.argv[2]
    print("Starting to load model", os.environ["VLLM_API_KEY"], flush=True)
    if mode == "broken":
        print("(EngineCore pid=1) ERROR OSError: no file named model.safetensors in /models/x", flush=True)
        print("(APIServer pid=1) RuntimeError: Engine core initialization failed.", flush=True)
        sys.exit(1)
    multiprocessing.get_context("spawn").Process(target=time.sleep, args=(600,), daemon=True).start()
    if mode == "flaky":
        threading.Timer(0.5, os._exit, (3,)).start()
    time.sleep(0.3)
    http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()


if __name__ == "__main__":
    main()
