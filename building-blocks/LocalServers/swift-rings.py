"""Writes the ring of each kind of swift server: where what is stored, here all on one device. As swift-ring-builder does, in one go.

Arguments: folder, device, then kind and port of each.
"""
import os
import sys

from swift.common.ring import RingBuilder

folder, device = sys.argv[1:3]
for kind, port in zip(sys.argv[3::2], sys.argv[4::2]):
    builder = RingBuilder(part_power=8, replicas=1, min_part_hours=1)
    builder.add_dev({"region": 1, "zone": 1, "ip": "127.0.0.1", "port": int(port), "device": device, "weight": 1.0})
    builder.rebalance(seed=1)
    builder.get_ring().save(os.path.join(folder, f"{kind}.ring.gz"))
