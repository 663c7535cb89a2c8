"""Decides how the computer at the other end of the emulated USB cable behaves: it sends when it has something.

The host of rp2040py 0.3.6 answers each request for data at once, with an empty packet if need be, so that the
processor is woken each 10 us; and it drops what does not fit into 512 bytes. This one keeps the chip waiting, as a real
host does by not sending a packet.
"""

from rp2040py.usb.cdc import USBCDC


class Host:
    """The host's side of the serial port. `reads` = False: it does not fetch what the chip sends, as one that hangs."""

    def __init__(self, rp2040):
        self.controller = rp2040.usb_ctrl
        self.port = USBCDC(self.controller)
        self.received = bytearray()  # from the chip
        self.port.on_serial_data = self._on_data
        self.port.on_device_connected = self._connected
        self.waiting = bytearray()  # for the chip
        self.asked = []  # how many bytes the chip has room for, for each request that is not answered
        self.connections = 0  # enumerations since power came
        self._reads = True
        self._held, self._late = [], bytearray()  # what it has not fetched
        self._enumerates = self.controller.on_endpoint_read
        self.controller.on_endpoint_read = self._on_endpoint_read
        self._reset_port = self.controller.on_reset
        self.controller.on_reset = self._on_reset
        self._buffer_ready = self.controller._indicate_buffer_ready
        self.controller._indicate_buffer_ready = self._on_buffer_ready

    @property
    def reads(self):
        return self._reads

    @reads.setter
    def reads(self, reads):
        self._reads = reads
        if reads:
            self.received.extend(self._late)
            self._late.clear()
            held, self._held = self._held, []
            for endpoint, out in held:
                self._buffer_ready(endpoint, out)

    def send(self, data):
        self.waiting.extend(data)
        self._answer()

    def take(self, count=None):
        count = len(self.received) if count is None else count
        data = bytes(self.received[:count])
        del self.received[:count]
        return data

    def open(self):
        """A program opens the port: DTR rises, and it reads."""
        self.reads = True
        self.port.set_control_lines(dtr=True, rts=True)

    def close(self):
        """The program closes the port: DTR falls, and nobody fetches any more what the chip sends."""
        self.reads = False
        self.port.set_control_lines(dtr=False, rts=False)

    def _on_data(self, data):
        (self.received if self._reads else self._late).extend(data)

    def _connected(self):
        self.connections += 1

    def _on_endpoint_read(self, endpoint, size):
        if endpoint != self.port._out_endpoint:
            self._enumerates(endpoint, size)
            return
        self.asked.append(size)
        self._answer()

    def _answer(self):
        while self.asked and self.waiting:
            size = self.asked.pop(0)
            packet = bytes(self.waiting[:size])
            del self.waiting[:size]
            self.controller.endpoint_read_done(self.port._out_endpoint, packet)

    def _on_reset(self):
        self._reset_port()
        self.asked.clear()
        self._held.clear()
        self._late.clear()

    def _on_buffer_ready(self, endpoint, out):
        if not self._reads and not out and endpoint == self.port._in_endpoint:
            self._held.append((endpoint, out))
        else:
            self._buffer_ready(endpoint, out)
