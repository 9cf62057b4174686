"""Runs a command and says on the last line of its own output what its process came to: CPU seconds, peak MiB."""

import json
import resource
import subprocess
import sys

done = subprocess.run(sys.argv[1:], stdout=sys.stderr, check=False)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(
    json.dumps(
        {
            "code": done.returncode,
            "cpuSeconds": used.ru_utime + used.ru_stime,
            "maxRssMiB": used.ru_maxrss / 1024,
        }
    )
)
