"""A disk that fails: system calls made to fail by strace, and file systems of our own that fill up or lose power."""

from __future__ import annotations

import fcntl
import os
import shutil
import struct
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import SkipTest

EXT4_IOC_SHUTDOWN = 0x8004587D
WITHOUT_FLUSHING_THE_JOURNAL = 2


@contextmanager
def failing(pid: int, *faults: str, paths: list[Path]) -> Iterator[None]:
    """Within the block the process's calls on `paths` fail as the faults say, each as in strace's inject=."""
    calls = ",".join(fault.partition(":")[0] for fault in faults)
    command = ["strace", "-f", "-qq", "-o", "/dev/null", "-p", str(pid), "-e", f"trace={calls}"]
    command += [word for fault in faults for word in ("-e", f"inject={fault}")]
    command += [word for path in paths for word in ("-P", str(path))]
    strace = subprocess.Popen(command, stderr=subprocess.PIPE)
    try:
        if not _is_traced(pid, strace):
            raise SkipTest(f"this machine does not let strace attach: {strace.stderr.read().decode().strip()}")
        yield
    finally:
        strace.terminate()
        strace.wait()
        strace.stderr.close()


def _is_traced(pid: int, strace: subprocess.Popen) -> bool:
    """Whether every thread of the process is traced by now; False when strace has given up."""
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline and strace.poll() is None:
        if all(_tracer(task) for task in Path(f"/proc/{pid}/task").iterdir()):
            return True
        time.sleep(0.02)
    strace.kill()
    return False


def _tracer(task: Path) -> bool:
    try:
        status = (task / "status").read_text(encoding="ascii")
    except OSError:
        return True  # The thread has ended.
    return "TracerPid:\t0\n" not in status


class Volume:
    """An ext4 file system of its own in a file, mounted through a loop device."""

    def __init__(self, megabytes: int) -> None:
        """Skips the test where file systems cannot be mounted."""
        self.home = Path(tempfile.mkdtemp(prefix="barnabas-volume-"))
        self.path = self.home / "mounted"
        self.path.mkdir()
        self.image = self.home / "image"
        with self.image.open("wb") as image:
            image.truncate(megabytes << 20)
        try:
            if os.geteuid() != 0:
                raise SkipTest("only root may mount file systems")
            done = _run("mkfs.ext4", "-q", "-F", "-m", "0", str(self.image))
            if done.returncode == 0:
                done = self._mount()
            if done.returncode != 0:
                raise SkipTest(f"this machine does not let us mount an ext4 file system: {done.stderr.strip()}")
        except SkipTest:
            shutil.rmtree(self.home)
            raise

    def _mount(self) -> subprocess.CompletedProcess:
        return _run("mount", "-o", "loop", str(self.image), str(self.path))

    def cut_power(self) -> None:
        """From now on every call fails, and what was not synced is lost."""
        directory = os.open(self.path, os.O_RDONLY)
        try:
            fcntl.ioctl(directory, EXT4_IOC_SHUTDOWN, struct.pack("I", WITHOUT_FLUSHING_THE_JOURNAL))
        except OSError as refused:
            raise SkipTest(f"this kernel does not shut an ext4 file system down: {refused}") from None
        finally:
            os.close(directory)

    def power_on(self) -> None:
        """Mounts what the disk has; nobody may use the file system any more."""
        self._unmount()
        done = self._mount()
        assert done.returncode == 0, done.stderr

    def fill(self, leaving: int = 0) -> Path:
        """Takes all the room there is but for so many megabytes; deleting the file gives it back."""
        ballast = self.path / "ballast"
        with ballast.open("wb", buffering=0) as out:
            if leaving:
                free = os.statvfs(self.path)
                os.posix_fallocate(out.fileno(), 0, free.f_bavail * free.f_bsize - (leaving << 20))
                return ballast
            for size in (1 << 20, 1 << 10):
                try:
                    while True:
                        out.write(bytes(size))
                except OSError:
                    pass
            os.fsync(out.fileno())
        return ballast

    def close(self) -> None:
        """Unmounts and deletes it."""
        self._unmount()
        shutil.rmtree(self.home, ignore_errors=True)

    def _unmount(self) -> None:
        deadline = time.monotonic() + 10
        while _run("umount", str(self.path)).returncode != 0 and time.monotonic() < deadline:
            time.sleep(0.05)


def _run(*command: str) -> subprocess.CompletedProcess:
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
