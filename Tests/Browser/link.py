"""A network between browser and daemon that can be slow, and that can be cut."""

import socket
import threading
import time
import urllib.parse


class Link:
    """Passes TCP connections on. Use it in a `with`."""

    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        self._target = (parts.hostname, parts.port or 80)
        self._listener = socket.socket()
        # A small window, so that what the browser has sent is not a megabyte ahead of what has come through.
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32768)
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(64)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/"
        self._open = set()
        self._lock = threading.Lock()
        self._is_cut = False
        # Bytes a second on the way to the daemon; None: as fast as it goes.
        self.upload_rate = None
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self):
        """Ends every connection, and takes no new one until it is mended."""
        with self._lock:
            self._is_cut = True
            ended, self._open = self._open, set()
        for each in ended:
            self._end(each)

    def mend(self):
        with self._lock:
            self._is_cut = False

    def _accept(self):
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._join, args=(near,), daemon=True).start()

    def _join(self, near):
        try:
            if self._is_cut:
                raise ConnectionRefusedError
            far = socket.create_connection(self._target, timeout=10)
        except OSError:
            near.close()
            return
        far.settimeout(None)
        with self._lock:
            if not self._is_cut:
                self._open |= {near, far}
        if near not in self._open:
            self._end(near)
            self._end(far)
            return
        threading.Thread(target=self._pass_on, args=(far, near, False), daemon=True).start()
        self._pass_on(near, far, True)

    def _pass_on(self, source, sink, is_upload):
        try:
            while piece := source.recv(16384):
                sink.sendall(piece)
                if is_upload and (rate := self.upload_rate):
                    time.sleep(len(piece) / rate)
        except OSError:
            pass  # either end is gone, which ends the other below
        with self._lock:
            self._open -= {source, sink}
        self._end(source)
        self._end(sink)

    @staticmethod
    def _end(connection):
        try:
            connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # it had ended already
        connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.cut()
        self._listener.close()
