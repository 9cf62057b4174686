import {
  ensureAlertmanager,
  ensureKvmPackages,
  ensurePrometheus,
  ensurePython,
  ensureTestImage,
  ensureTestTools,
  ensureVenv,
} from './prerequisites.ts';
import { StartFault } from './processes.ts';

/** One after the other: apt lets nobody work beside it. */
const ensurePackages = async (): Promise<void> => {
  await ensureTestTools(console.log);
  await ensureAlertmanager(console.log);
  await ensurePrometheus(console.log);
  const withoutKvm = await ensureKvmPackages(console.log);
  if (withoutKvm) throw new StartFault(`The tests need a real libvirt: ${withoutKvm}`);
  await ensureTestImage(console.log);
};

/** What `npm test` needs beyond `npm ci`: the Python environment with the test tools, Debian's libvirt, QEMU, shellcheck, Alertmanager and Prometheus, and the guest they boot. */
try {
  await ensurePython(console.log);
  await Promise.all([ensureVenv(console.log, ['requirements.txt', 'requirements-dev.txt']), ensurePackages()]);
} catch (error) {
  console.error(error instanceof StartFault ? error.message : error);
  process.exit(1);
}
