"""The fixture `replay_capture`: through a function, by a clock, onto sockets and interfaces."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import rawlab
from dissectors import TCP, UDP, Ethernet, IPv4
from rawlab.lab import Lab
from rawlab.testing.clock import RecordedClock
from rawlab.testing.replaying import CutShort, Replayer

pytest_plugins = "pytester"

TOLD = b"GET / HTTP/1.1\r\n\r\n"


@pytest.fixture
def replay(captures: Path) -> Replayer:
    return Replayer([captures])


def segment(at: int, octets: bytes, flags: str = "PA", port: int = 4000) -> rawlab.Packet:
    draft = (Ethernet() / IPv4(src="10.0.0.1", dst="10.0.0.2")
             / TCP(srcport=port, dstport=80, seq=(0xFFFFFFFE + at) % 2**32, flags=flags) / octets)
    return rawlab.Packet(bytes(draft.padded(60)))


def stream_of(folder: Path, *packets: rawlab.Packet) -> bytes:
    """What a socket receives of the packets' TCP stream."""
    rawlab.write(folder / "x.pcap", packets)
    here, there = socket.socketpair()
    with here, there:
        sent = Replayer([folder]).to_socket("x.pcap", here, where="tcp")
        here.shutdown(socket.SHUT_WR)
        received = b""
        while part := there.recv(1 << 16):
            received += part
    assert sent == len(received)
    return received


class TestThroughAFunction:
    def test_results_in_order(self, replay: Replayer, captures: Path) -> None:
        found = replay("dns.pcap", lambda packet: packet.octets)
        assert found == [packet.octets for packet in rawlab.read(captures / "dns.pcap")]

    def test_a_display_filter(self, replay: Replayer) -> None:
        assert replay("dns.pcap", lambda packet: "dns" in packet, where="dns") == [True] * len(
            list(replay("dns.pcap", where="dns")))
        with pytest.raises(rawlab.FilterError):
            list(replay("dns.pcap", where="dns.nothing"))

    def test_the_clock_shows_recorded_times(self, replay: Replayer) -> None:
        first = next(replay("tcp.pcap"))
        for packet in replay("tcp.pcap"):
            assert replay.clock.time_ns() == packet.time_ns
            assert replay.clock.monotonic_ns() == packet.time_ns - first.time_ns
            assert replay.clock.now().timestamp() == pytest.approx(packet.time_ns / 1e9)

    def test_time_in_place_of_pythons(self, replay: Replayer) -> None:
        def handle(packet: rawlab.Packet) -> tuple[int, float, float]:
            time.sleep(0 if packet.number > 1 else 3600)
            return time.time_ns(), time.time(), time.monotonic()

        before = time.monotonic()
        found = replay("tcp.pcap", handle, patch_time=True)
        assert time.monotonic() - before < 60
        first = next(replay("tcp.pcap"))
        assert found[0][0] == first.time_ns + 3600 * 10**9
        assert [one[0] for one in found] == sorted(one[0] for one in found)
        assert found[1][2] == pytest.approx(3600)
        assert time.time is not replay.clock.time

    def test_time_is_back_after_a_failure(self, replay: Replayer) -> None:
        before = time.time, time.sleep
        with pytest.raises(ZeroDivisionError) as caught:
            replay("dns.pcap", lambda packet: 1 // 0, patch_time=True)
        assert (time.time, time.sleep) == before
        assert "while packet 1 of dns.pcap was replayed" in caught.value.__notes__[0]

    def test_a_missing_file_is_looked_for(self, captures: Path, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError, match=f"no capture x.pcap in {tmp_path}, {captures}"):
            Replayer([tmp_path, captures]).find("x.pcap")

    def test_a_cut_file_warns(self, captures: Path, tmp_path: Path) -> None:
        (tmp_path / "cut.pcap").write_bytes((captures / "dns.pcap").read_bytes()[:-1])
        with pytest.warns(CutShort, match=r"cut\.pcap"):
            replayed = Replayer([tmp_path])("cut.pcap", lambda packet: packet.number)
        assert replayed

    def test_from_a_test(self, pytester: pytest.Pytester, captures: Path) -> None:
        pytester.makepyfile("""
            def test_beside_the_test(replay_capture):
                asked = []

                def handle(packet):
                    if "dns" in packet:
                        asked.append(packet.dns.id)
                        assert len(asked) < 3

                replay_capture("x.pcap", handle)
        """)
        (pytester.path / "x.pcap").write_bytes((captures / "dns.pcap").read_bytes())
        result = pytester.runpytest_subprocess()
        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines(["*assert len(asked) < 3", "E *while packet * of x.pcap was*"])


class TestOntoASocket:
    def test_datagrams(self, captures: Path, replay: Replayer) -> None:
        wanted = [packet.octets[42:] for packet in rawlab.read(captures / "dns.pcap").where(
            "udp.dstport == 53")]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
            server.bind(("127.0.0.1", 0))
            server.settimeout(5)
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
                client.connect(server.getsockname())
                replay.to_socket("dns.pcap", client, where="udp.dstport == 53 and ip")
            assert wanted
            assert [server.recv(2000) for _ in wanted] == wanted

    @pytest.mark.parametrize("packets", [
        [segment(0, b"", "S"), segment(1, TOLD)],
        [segment(1, TOLD[:5]), segment(6, TOLD[5:])],
        [segment(1, TOLD[:5]), segment(1, TOLD[:5]), segment(6, TOLD[5:])],
        [segment(1, TOLD[:9]), segment(6, TOLD[5:])],
        [segment(0, b"", "S"), segment(6, TOLD[5:]), segment(1, TOLD[:5])],
        [segment(1, TOLD[:5]), segment(1, b"", "A"), segment(6, TOLD[5:], "FPA")],
    ], ids=["whole", "parts", "repeated", "overlapping", "swapped", "with acknowledgements"])
    def test_a_stream_is_in_order(self, tmp_path: Path, packets: list[rawlab.Packet]) -> None:
        """The sequence numbers pass 2**32 on the way."""
        assert stream_of(tmp_path, *packets) == TOLD

    def test_a_gap_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(ValueError, match="lacks 2 octets of the TCP stream after its first 3"):
            stream_of(tmp_path, segment(1, b"abc"), segment(6, b"fgh"))

    def test_two_connections_are_told(self, tmp_path: Path) -> None:
        with pytest.raises(ValueError, match="packet 2 is of another connection or direction"):
            stream_of(tmp_path, segment(1, b"abc"), segment(1, b"abc", port=4001))

    def test_a_recorded_page(self, replay: Replayer, captures: Path) -> None:
        """A server that the client's half is played to receives what was asked."""
        received = []
        with socket.create_server(("127.0.0.1", 0)) as server:
            def serve() -> None:
                accepted, _ = server.accept()
                with accepted:
                    while part := accepted.recv(1 << 16):
                        received.append(part)

            serving = threading.Thread(target=serve)
            serving.start()
            with socket.create_connection(server.getsockname()) as client:
                ports = [packet.tcp for packet in rawlab.read(captures / "tcp.pcap").where("tcp")]
                asker = ports[0].srcport
                sent = replay.to_socket("tcp.pcap", client, where=f"tcp.srcport == {asker}")
            serving.join(5)
        assert len(b"".join(received)) == sent > 0

    def test_at_a_pace(self, tmp_path: Path) -> None:
        packets = [rawlab.Packet(segment(1 + n, b"x").octets, time_ns=n * 10**8) for n in range(4)]
        rawlab.write(tmp_path / "x.pcap", packets)
        here, there = socket.socketpair()
        with here, there:
            before = time.monotonic()
            Replayer([tmp_path]).to_socket("x.pcap", here, where="tcp", speed=2)
            assert time.monotonic() - before >= 0.15
        with pytest.raises(ValueError, match="speed must be more than 0"):
            Replayer([tmp_path]).to_socket("x.pcap", here, where="tcp", speed=0)


@pytest.fixture
def lab(hosts: None) -> Iterator[Lab]:
    with Lab() as made:
        yield made


def test_frames_onto_an_interface(lab: Lab, replay: Replayer, captures: Path) -> None:
    from rawlab.testing.recording import Recording

    a, b = lab.host("a"), lab.host("b")
    lab.link(a, b, (["192.0.2.1/24"], ["192.0.2.2/24"]))  # nobody answers what is replayed
    wanted = [packet.octets for packet in rawlab.read(captures / "udp.pcap")]
    with Recording("eth0", opener=b.socket) as recording:
        assert replay.to_interface("udp.pcap", "eth0", opener=a.socket) == len(wanted)
        recording.wait_for(lambda packet: packet.octets == wanted[-1], 5)
        seen = [packet.octets for packet in recording]
    assert [octets for octets in seen if octets in wanted] == wanted


def test_a_clock_does_not_go_back() -> None:
    clock = RecordedClock()
    clock.advance_to(100)
    clock.advance_to(50)
    assert clock.time_ns() == 100
    with pytest.raises(ValueError):
        clock.sleep(-1)


def test_datagram_pattern(replay: Replayer) -> None:
    assert next(replay("udp.pcap", where="udp"))[UDP].length >= 8
