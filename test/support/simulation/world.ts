import type { Project } from '../../../lambdas/domain/project.ts';
import { insertHost, insertImage, insertProject, newHost, newImage, signIn } from '../api.ts';
import { Random } from '../random.ts';
import { Bucket, warmSigner } from './bucket.ts';
import { Bus } from './bus.ts';
import { Ec2 } from './ec2.ts';
import { ec2Calls } from './ec2-calls.ts';
import { type FaultPlan, Faults } from './faults.ts';
import { LISTENERS, QUEUES, STEPS, STREAMED, TIMED } from './handlers.ts';
import { HostMachine } from './host.ts';
import { HostUnit } from './host-unit.ts';
import { Lambda } from './lambda.ts';
import { enter, leave } from './now.ts';
import { Queues } from './queues.ts';
import { Scheduler, START } from './scheduler.ts';
import { Ssm } from './ssm.ts';
import { StepFunctions } from './step-functions.ts';
import { StreamConsumer } from './streams.ts';
import { type Changed, Tables } from './tables.ts';
import { connect, Transport } from './transport.ts';

/** What a test breaks on purpose, to see the rig find it. */
export interface Defects {
  /** Hosts let every command pass. */
  readonly noFence?: boolean;
  /** Looks by the mark or the token of a launch find nothing. */
  readonly blindToLaunches?: boolean;
  /** Every write of the state table is made, whatever its condition. */
  readonly noConditions?: boolean;
  /** What a function takes away of user-data stays where it is. */
  readonly keepsUserData?: boolean;
  /** Every launch reads the first user-data that was ever given. */
  readonly mixesUserData?: boolean;
  /** The timed job that never runs. */
  readonly without?: string;
}

export interface WorldSettings {
  readonly seed: number;
  readonly plan: FaultPlan;
  /** Whether EC2 honours client tokens: AWS does, emulators do not. */
  readonly honoursTokens: boolean;
  readonly defects?: Defects;
  /** How many KVM hosts there are. */
  readonly hosts: number;
  readonly traced?: boolean;
  /** The project that people act in, bounded so; else they act in `default`, which has no bounds. */
  readonly project?: Pick<Project, 'id' | 'maxVms' | 'maxOperationsPerMinute'> | undefined;
}

/** The tables' stream filters (lib/operations-stack.ts). */
const isNewOperation = ({ before, after }: Changed): boolean => before === undefined && after?.entity === 'operation';
const TOLD = ['vm', 'operation', 'host', 'audit'];
const isTold = ({ after }: Changed): boolean => TOLD.includes(String(after?.entity));

const HOST_LOOK_MS = 30_000;
const SCHEDULE_SECONDS = 300;

const notServed = (service: string) => (): never => {
  throw new Error(`nothing in a world calls ${service}`);
};

/** One plane with its AWS, its hosts and its clock: everything in it happens by one seed. */
export class World {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly faults: Faults;
  readonly lambda: Lambda;
  readonly tables: Tables;
  readonly bucket: Bucket;
  readonly bus: Bus;
  readonly queues: Queues;
  readonly ec2: Ec2;
  readonly ssm: Ssm;
  readonly sfn: StepFunctions;
  readonly transport: Transport;
  readonly streams: readonly StreamConsumer[];
  readonly defects: Defects;
  /** The token that people of this world sign in with. */
  operator = '';

  constructor({ seed, plan, honoursTokens, defects = {}, traced = false }: WorldSettings) {
    this.scheduler = new Scheduler(START);
    if (traced) this.scheduler.trace = [];
    this.defects = defects;
    this.random = new Random(seed);
    this.faults = new Faults(plan, this.random.fork());
    this.lambda = new Lambda(this);
    this.tables = new Tables(this);
    this.bucket = new Bucket(this);
    this.bus = new Bus(this, LISTENERS);
    this.queues = new Queues(this, QUEUES);
    this.ec2 = new Ec2(this, honoursTokens);
    this.ssm = new Ssm(this);
    this.sfn = new StepFunctions(this, STEPS);
    this.streams = [
      new StreamConsumer(this, { name: 'stream operation-queued', tries: 3 }, STREAMED.operationQueued, isNewOperation),
      new StreamConsumer(
        this,
        { name: 'stream state-streamed', tries: Number.POSITIVE_INFINITY },
        STREAMED.stateStreamed,
        isTold,
      ),
    ];
    this.transport = new Transport(this, {
      dynamodb: this.tables.serve,
      ec2: ec2Calls(this, this.ec2),
      events: this.bus.serve,
      s3: this.bucket.serve,
      sfn: this.sfn.serve,
      sns: notServed('SNS'),
      sqs: this.queues.serve,
      ssm: this.ssm.serve,
    });
  }

  /** Rows of hosts, image and token, and the timed jobs: what stands before anybody asks for anything. */
  async #furnish({ hosts, project }: WorldSettings): Promise<void> {
    if (project) {
      await insertProject(project);
      this.operator = await signIn('operator', { project: project.id, system: false });
    } else this.operator = await signIn('operator');
    await insertImage(newImage());
    for (let number = 1; number <= hosts; number += 1) {
      const id = `h-000000000000000${number}`;
      const nodeId = `mi-0000000000000000${number}`;
      await insertHost(newHost({ id, nodeId, name: `host-${number}` }));
      const token = await signIn('host', { id: `tok-00000000000hst${number}`, hostId: id });
      this.ssm.register(nodeId, new HostMachine(this, new HostUnit(this, id, token)), id);
    }
    for (const [name, period, job] of TIMED) this.#every(name, period, job);
    for (const host of this.ssm.hosts.values()) this.#mayFail(host);
  }

  /** Each half minute a host may lose its power, or the way to the plane for a while. */
  #mayFail(host: HostMachine): void {
    const look = (): void => {
      if (this.faults.fires('host-dies')) host.die();
      host.setClock();
      if (this.faults.fires('host-silent')) host.silentUntil = this.scheduler.now + this.random.between(5_000, 200_000);
      this.scheduler.after(HOST_LOOK_MS, '', look, true);
    };
    this.scheduler.after(this.random.between(0, HOST_LOOK_MS), '', look, true);
  }

  #every(name: string, period: number, job: () => Promise<unknown>): void {
    const run = (): void => {
      if (name !== this.defects.without && !this.faults.fires('run-missed'))
        void this.lambda.invoke(`timer ${name}`, SCHEDULE_SECONDS, job);
      this.scheduler.after(period, '', run, true);
    };
    this.scheduler.after(this.random.between(0, period), '', run, true);
  }

  /** Lets a story happen in a world of its own, then closes the world. */
  static async tell<T>(settings: WorldSettings, story: (world: World) => Promise<T>): Promise<T> {
    await warmSigner();
    const world = new World(settings);
    connect(world.transport);
    enter(world);
    try {
      await world.#furnish(settings);
      return await story(world);
    } finally {
      leave();
      connect(undefined);
    }
  }
}
