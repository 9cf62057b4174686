import { handler as beatMissed } from '../../../lambdas/events/beat-missed.ts';
import { handler as commandFinished } from '../../../lambdas/events/command-finished.ts';
import { handler as executionEnded } from '../../../lambdas/events/execution-ended.ts';
import { handler as instancesAsked } from '../../../lambdas/events/instances-asked.ts';
import { handler as lookAgain } from '../../../lambdas/events/look-again.ts';
import { handler as operationQueued } from '../../../lambdas/events/operation-queued.ts';
import { handler as stateStreamed } from '../../../lambdas/events/state-streamed.ts';
import { handler as auditInstallation } from '../../../lambdas/schedules/audit-installation.ts';
import { handler as collectLeftovers } from '../../../lambdas/schedules/collect-leftovers.ts';
import { handler as reclaimRetained } from '../../../lambdas/schedules/reclaim-retained.ts';
import { handler as reconcile } from '../../../lambdas/schedules/reconcile.ts';
import { handler as sweepOperations } from '../../../lambdas/schedules/sweep-operations.ts';
import { handler as tendHosts } from '../../../lambdas/schedules/tend-hosts.ts';
import { handler as askToStop } from '../../../lambdas/steps/ask-to-stop.ts';
import { handler as awaitReady } from '../../../lambdas/steps/await-ready.ts';
import { handler as launchVm } from '../../../lambdas/steps/launch-vm.ts';
import { handler as prepareHost } from '../../../lambdas/steps/prepare-host.ts';
import { handler as rebootVm } from '../../../lambdas/steps/reboot-vm.ts';
import { handler as recordOutcome } from '../../../lambdas/steps/record-outcome.ts';
import { handler as removeVm } from '../../../lambdas/steps/remove-vm.ts';
import { handler as resetVm } from '../../../lambdas/steps/reset-vm.ts';
import { handler as restoreDefinition } from '../../../lambdas/steps/restore-definition.ts';
import { handler as startVm } from '../../../lambdas/steps/start-vm.ts';
import { handler as undoOperation } from '../../../lambdas/steps/undo-operation.ts';
import type { Listener } from './bus.ts';
import type { QueueConsumer } from './queues.ts';
import type { Step } from './step-functions.ts';

/** The functions of the plane, as the stacks wire them. */

/** By the placeholders of step-functions/. */
export const STEPS: ReadonlyMap<string, Step> = new Map<string, Step>([
  ['AskToStop', askToStop],
  ['AwaitReady', awaitReady],
  ['LaunchVm', launchVm],
  ['PrepareHost', prepareHost],
  ['RebootVm', rebootVm],
  ['RecordOutcome', recordOutcome],
  ['RemoveVm', removeVm],
  ['ResetVm', resetVm],
  ['RestoreDefinition', restoreDefinition],
  ['StartVm', startVm],
  // The state machine hands over `execution`, which this one reads before it parses the rest.
  ['UndoOperation', undoOperation as Step],
]);

export const LISTENERS: ReadonlyMap<string, Listener> = new Map<string, Listener>([
  ['command-finished', commandFinished],
  ['execution-ended', executionEnded],
]);

/** By the last part of their queues' URLs in vitest.config.ts. */
export const QUEUES: ReadonlyMap<string, QueueConsumer> = new Map<string, QueueConsumer>([
  ['actions', instancesAsked],
  ['looks', lookAgain],
  ['beats', beatMissed],
]);

export const STREAMED = { operationQueued, stateStreamed };

/** The timed jobs and their periods (lib/event-powers.ts). */
export const TIMED: readonly (readonly [string, number, () => Promise<unknown>])[] = [
  ['sweep-operations', 60_000, sweepOperations],
  ['reconcile', 300_000, reconcile],
  ['tend-hosts', 300_000, tendHosts],
  ['reclaim-retained', 3_600_000, reclaimRetained],
  ['audit-installation', 3_600_000, auditInstallation],
  ['collect-leftovers', 3_600_000, collectLeftovers],
];
