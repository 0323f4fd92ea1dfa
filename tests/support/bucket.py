"""A bucket of Ceph's gateway that anyone may read and nobody may list, as sites are served from Amazon's S3: 403 for what is not there."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

from tests.support import ceph, request_log

#: Requests without a signature: those of users, not of the publisher.
_LINE = re.compile(r'beast: .* - anonymous \[.*?\] "(GET|HEAD) (\S+) HTTP/1\.[01]" (\d{3}) ')


class PublicBucket:
    """``url`` is what users type; ``root`` the folder of what was built, which has the same files."""

    def __init__(self, client: Any, name: str, root: Path) -> None:
        self.root = root
        self.url = f"{os.environ[ceph.ENDPOINT]}/{name}"
        allowed = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{name}/*"}
        client.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": [allowed]}))

    def requests(self) -> list[tuple[str, int]]:
        """Path and status of each request so far, in order."""
        return request_log.requests(Path(os.environ[ceph.LOG]), _LINE, self.url)
