"""What pyserial looks up for `sim://`; `import picoinfuse` tells it to look here."""
