"""Serves one line of text."""

from http.server import BaseHTTPRequestHandler, HTTPServer

import idna


class Greeting(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f"Hello from idna {idna.__version__}\n".encode())


if __name__ == "__main__":
    HTTPServer(("0.0.0.0", 8000), Greeting).serve_forever()
