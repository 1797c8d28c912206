"""What callforth does when it is killed, crowded, starved of disk or lied to: `python -m faults`."""
