"""A unit's metrics on their way to a plane that answers as the test says."""

import contextlib
import io
import json
import os
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from case import Case
from novacron_host.metrics_queue import MetricsQueue
from novacron_host.metrics_sender import MetricsSender


def sample(index=0, size=0):
    """What a queue takes for one."""
    return {"at": index, "domains": os.urandom(size // 2).hex()}


class Plane(BaseHTTPRequestHandler):
    """Gives the server's answers in turn, the last of them for ever; None: it takes the request and says nothing."""

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.told.append((self.path, self.headers["Authorization"], body))
        answers = self.server.answers
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if answer is None:
            self.server.hanging.wait()
            return
        status, said = answer
        text = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


class OnPlane(Case):
    def setUp(self):
        super().setUp()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Plane)
        self.server.daemon_threads = True
        self.server.told, self.server.hanging = [], threading.Event()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.addCleanup(self.server.hanging.set)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        self.place.settings.mkdir(parents=True)
        url = f"http://127.0.0.1:{self.server.server_address[1]}/"
        self.place.config_file.write_text(json.dumps({"apiUrl": url, "hostId": "h-1"}))
        self.place.token_file.write_text("word\n")
        self.queue = MetricsQueue(self.place)
        self.sender = MetricsSender(self.place, self.queue)

    def answers(self, *answers):
        self.server.answers = list(answers)

    def send(self):
        """What came of sending once, and what was said about it."""
        with contextlib.redirect_stderr(io.StringIO()) as said:
            done = self.sender.send_next()
        return done, said.getvalue()

    def waiting(self):
        return [each["at"] for each in self.queue.first()[1]]


def until(what):
    for _ in range(1000):
        if what():
            return
        time.sleep(0.01)
    raise AssertionError("it does not come to be")
