"""Answers every DNS question that there is no such name, and writes the names to the file given."""
import socket
import sys

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener, open(sys.argv[1], 'a') as names:
    listener.bind(('127.0.0.1', 53))
    print('ready', flush=True)
    while True:
        question, client = listener.recvfrom(512)
        labels, at = [], 12
        while question[at]:
            labels.append(question[at + 1:at + 1 + question[at]].decode('latin-1'))
            at += question[at] + 1
        names.write('.'.join(labels) + '\n')
        names.flush()
        listener.sendto(question[:2] + b'\x81\x83' + question[4:6] + bytes(6) + question[12:at + 5], client)
