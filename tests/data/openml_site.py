"""What www.openml.org answers, for one small set."""

import gzip
import hashlib
import io
import json
from urllib.error import HTTPError, URLError

from sklearn.datasets import _openml

ARFF = """@RELATION tiny
@ATTRIBUTE age NUMERIC
@ATTRIBUTE colour {red, blue}
@ATTRIBUTE member {FALSE, TRUE}
@ATTRIBUTE class {good, bad}
@DATA
31,red,TRUE,good
?,blue,FALSE,bad
53,?,?,good
"""


FILE = "data/v1/download/7"  # all of the address that scikit-learn 1.6 asks for


class Site:
    """What www.openml.org would answer."""

    def __init__(self, arff=ARFF, kind="ARFF", target="class", status="active", types=None):
        self.online, self.asked, self.arff, self.kind = True, [], arff, kind
        self.md5, self.target, self.status = hashlib.md5(arff.encode()).hexdigest(), target, status
        self.types = types or {"age": "numeric", "colour": "nominal", "member": "nominal", "class": "nominal"}

    def answer(self, path):
        if "/list/data_name/" in path:
            return {"data": {"dataset": [{"did": "7", "name": "tiny", "version": 1, "status": "active"}]}}
        if "/features/" in path:
            return {"data_features": {"feature": [self.feature(i, n) for i, n in enumerate(self.types)]}}
        if "/qualities/" in path:
            rows = float(len(self.arff.partition("@DATA\n")[2].splitlines()))
            return {"data_qualities": {"quality": [{"name": "NumberOfInstances", "value": str(rows)}]}}
        description = {"id": "7", "name": "Tiny", "version": "1", "description": "", "format": self.kind}
        described = {"status": self.status, "file_id": "7", "url": f"https://www.openml.org/{FILE}/tiny.arff"}
        own = {"default_target_attribute": self.target} if self.target else {}
        return {"data_set_description": description | described | {"md5_checksum": self.md5} | own}

    def feature(self, index, name):
        flags = dict.fromkeys(("is_ignore", "is_row_identifier", "is_target"), "false")
        return {"index": str(index), "name": name, "data_type": self.types[name], **flags}

    def open(self, request, timeout=None):
        self.asked.append(request.full_url)
        if not self.online:
            raise URLError("no route to host")
        if "nowhere" in request.full_url:
            raise HTTPError(request.full_url, 412, "no such set", {}, io.BytesIO(b"{}"))
        text = self.arff if FILE in request.full_url else json.dumps(self.answer(request.full_url))
        response = io.BytesIO(gzip.compress(text.encode()))
        response.info = lambda: {"Content-Encoding": "gzip"}
        return response


def served(monkeypatch, made):
    """Let scikit-learn ask this site instead of the one in the network."""
    monkeypatch.setattr(_openml, "urlopen", made.open)
    return made
