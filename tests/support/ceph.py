"""Ceph's object gateway on loopback: ``python -m tests.support.ceph SUITE COMMAND...`` runs a command beside it.

A monitor, an object store in memory, and the gateway, of the folder that make/ceph.sh made. They run by the dynamic loader of that folder,
so they need nothing of this machine's system, and end with the program that started them, however it ends.
https://docs.ceph.com/en/latest/radosgw/config-ref/
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

#: Tells tests where the gateway listens and which file it logs requests to.
ENDPOINT, LOG = "TEST_RGW_ENDPOINT", "TEST_RGW_LOG"

_MAKE = Path(__file__).parents[2] / "make/ceph.sh"
#: Without authentication between its parts, Ceph hangs unless every connection may go unencrypted.
_MODES = "".join(f"ms_{name}_mode = crc\n" for name in ("client", "cluster", "service", "mon_client", "mon_cluster", "mon_service"))
_CONFIGURATION = """
[global]
fsid = {fsid}
mon_host = [v2:127.0.0.1:{port}/0]
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
{modes}
paxos_propose_interval = 0.05
mon_allow_pool_size_one = true
mon_max_pg_per_osd = 10000
mon_data_avail_warn = 0
mon_data_avail_crit = 0
mon_cluster_log_to_file = false
osd_pool_default_size = 1
osd_pool_default_pg_num = 4
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
osd_objectstore = memstore
memstore_device_bytes = 4294967296
mon_data = {folder}/mon
osd_data = {folder}/osd
rgw_data = {folder}/rgw
run_dir = {folder}
keyring = {folder}/keyring
admin_socket =
pid_file =
log_file = {folder}/$type.$name.log
plugin_dir = {libraries}/ceph
erasure_code_dir = {libraries}/ceph/erasure-code
osd_class_dir = {libraries}/rados-classes
"""


class Cluster:
    """Programs of the unpacked folder ``system``, with configuration, data and logs in ``folder``."""

    def __init__(self, system: Path, folder: Path) -> None:
        self.system = system
        self.folder = folder
        loader = next(path for found in ("usr/lib/*/ld-linux*", "lib/*/ld-linux*") for path in system.glob(found))
        libraries = [path for path in (system / "usr/lib" / loader.parent.name, system / "lib" / loader.parent.name) if path.is_dir()]
        search = ":".join(str(path) for path in [*libraries, libraries[0] / "ceph"])
        self._loader = [str(loader), "--library-path", search]
        for name in ("mon", "osd", "rgw"):
            (folder / name).mkdir()
        self.fsid, self.port = str(uuid.uuid4()), free_port()
        self.configuration = folder / "ceph.conf"
        self.configuration.write_text(_CONFIGURATION.format(fsid=self.fsid, port=self.port, folder=folder, modes=_MODES, libraries=libraries[0]))

    def command(self, program: str, *arguments: str) -> list[str]:
        return [*self._loader, str(self.system / "usr/bin" / program), *arguments, "--conf", str(self.configuration)]

    def run(self, program: str, *arguments: str) -> None:
        """Run a program to its end."""
        _run(self.command(program, *arguments), {})

    def ask(self, *words: str) -> None:
        """Tell the monitor something by the ``ceph`` command, which is a script in the folder's own Python."""
        python = next((self.system / "usr/bin").glob("python3.*[0-9]"))
        home = {"PYTHONHOME": str(self.system / "usr"), "PYTHONPATH": str(self.system / "usr/lib/python3/dist-packages")}
        _run([*self._loader, str(python), *self.command("ceph", *words)[len(self._loader) :]], home)

    @contextmanager
    def running(self, program: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run a server. A terminal's Ctrl-C does not reach it, and it never outlives this process."""
        words = ["setpriv", "--pdeathsig", "KILL", *self.command(program, *arguments, "--foreground")]
        with (self.folder / f"{program}.out").open("wb") as out, subprocess.Popen(words, stdout=out, stderr=out, start_new_session=True) as server:
            try:
                yield server
            finally:
                server.kill()  # everything is in memory or in a temporary folder


@contextmanager
def gateway(system: Path, folder: Path) -> Iterator[tuple[str, Path]]:
    """Start it in an empty folder; its address and its log. One user is there, whose two keys are ``test``."""
    cluster = Cluster(system, folder)
    monitors, osd = str(folder / "monmap"), str(uuid.uuid4())
    cluster.run("monmaptool", "--create", "--fsid", cluster.fsid, "--addv", "a", f"[v2:127.0.0.1:{cluster.port}]", monitors)
    cluster.run("ceph-mon", "--mkfs", "--id", "a", "--monmap", monitors)
    with ExitStack() as servers:
        servers.enter_context(cluster.running("ceph-mon", "--id", "a"))
        cluster.ask("osd", "new", osd)
        cluster.run("ceph-osd", "--mkfs", "--id", "0", "--osd-uuid", osd)
        servers.enter_context(cluster.running("ceph-osd", "--id", "0"))
        cluster.run("radosgw-admin", "--name", "client.admin", "user", "create", "--uid=test", "--display-name=test", "--access-key=test", "--secret-key=test")
        port = free_port()
        arguments = (f"--rgw-frontends=beast endpoint=127.0.0.1:{port}", "--debug-rgw=1")
        _await(port, servers.enter_context(cluster.running("radosgw", "--name", "client.admin", *arguments)))
        yield f"http://127.0.0.1:{port}", folder / "client.client.admin.log"


def unpacked(suite: str) -> Path:
    """Folder with the programs of this Debian release, fetched when it is asked for first. Where that fails, make/ceph.sh has said why."""
    made = subprocess.run([_MAKE, suite], stdout=subprocess.PIPE, text=True, check=False)
    if made.returncode != 0:
        raise SystemExit(made.returncode)
    return Path(made.stdout.strip())


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _run(words: list[str], environment: dict[str, str]) -> None:
    env = {**os.environ, **environment}
    done = subprocess.run(words, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(words)} ended with {done.returncode}:\n{done.stdout.decode(errors='replace')}")


def _await(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        if server.poll() is not None:
            break
        time.sleep(0.1)
    raise SystemExit("Ceph's gateway did not start")


def _end(*_: object) -> None:
    raise SystemExit(128 + signal.SIGTERM)


def main(suite: str, *command: str) -> int:
    """Run the command beside a gateway; its exit code."""
    signal.signal(signal.SIGTERM, _end)
    with tempfile.TemporaryDirectory(prefix="repogen-ceph-") as folder, gateway(unpacked(suite), Path(folder)) as (address, log):
        return _beside(command, {ENDPOINT: address, LOG: str(log)})


def _beside(command: Sequence[str], environment: dict[str, str]) -> int:
    words = ["setpriv", "--pdeathsig", "TERM", *command]
    with subprocess.Popen(words, env={**os.environ, **environment}) as running:
        try:
            return running.wait()
        except BaseException as error:
            if not isinstance(error, KeyboardInterrupt):  # which the command has got from the terminal itself
                running.terminate()
            running.wait(60)
            raise


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
