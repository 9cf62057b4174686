import * as z from 'zod';
import type { CreateVm } from '../domain/create-vm.ts';
import { isEc2Image, TEMPLATE_IMAGE } from '../domain/ec2-image.ts';
import { Fault } from '../domain/faults.ts';
import type { Host } from '../domain/host.ts';
import { shareOf } from '../domain/host-life.ts';
import { ec2Vm, kvmVm, type Making } from '../domain/new-vm.ts';
import { DEFAULT_NETWORK, lacksRoom, PLACEMENT_DEFAULTS, place, type Refusal } from '../domain/placement.ts';
import { DEFAULT_PRICE_BOOK, ec2Price, kvmPrice, type Price, PriceBook } from '../domain/price.ts';
import type { Vm } from '../domain/vm.ts';
import { csv, env, json, text } from '../runtime/env.ts';
import * as hosts from '../store/hosts.ts';
import * as images from '../store/images.ts';

const settings = env({
  ACCOUNT: text,
  REGIONS: csv,
  KVM_CPU_OVERCOMMIT: z.coerce.number().positive().default(PLACEMENT_DEFAULTS.cpuRatio),
  KVM_MEMORY_OVERCOMMIT: z.coerce.number().positive().default(PLACEMENT_DEFAULTS.memoryRatio),
  PRICE_BOOK: json(PriceBook).default(DEFAULT_PRICE_BOOK),
  KVM_DISK_OVERCOMMIT: z.coerce.number().positive().default(PLACEMENT_DEFAULTS.diskRatio),
});
const PLACES = { account: settings.ACCOUNT, regions: [...new Set(settings.REGIONS)] };
const PLACEMENT = {
  ...PLACEMENT_DEFAULTS,
  cpuRatio: settings.KVM_CPU_OVERCOMMIT,
  memoryRatio: settings.KVM_MEMORY_OVERCOMMIT,
  diskRatio: settings.KVM_DISK_OVERCOMMIT,
};

/** Where a VM would go, and what it costs there. */
export interface Choice {
  readonly vm: Vm;
  /** KVM only; absent where no host fits. */
  readonly host?: Host;
  readonly refused: readonly Refusal[];
  /** Names of KVM hosts that would fit, but do not answer now. */
  readonly away: readonly string[];
  readonly price: Price;
}

const onKvm = async (body: CreateVm, making: Making): Promise<Choice> => {
  const image = await images.named(body.image);
  const vm = kvmVm(body, making, image);
  const share = shareOf(vm);
  const { kvm = {} } = body;
  const { host, refused, away } = place(
    await hosts.all(),
    {
      ...share,
      image,
      network: kvm.network ?? DEFAULT_NETWORK,
      ...(kvm.hostTags ? { hostTags: kvm.hostTags } : {}),
      ...(kvm.host === undefined ? {} : { host: kvm.host }),
    },
    PLACEMENT,
  );
  const price = kvmPrice(share, settings.PRICE_BOOK);
  if (host === undefined) return { vm, refused, away, price };
  return { vm: { ...vm, location: { hostId: host.id, hostName: host.name } }, host, refused, away, price };
};

const onEc2 = (body: CreateVm, making: Making): Choice => {
  if (!isEc2Image(body.image)) {
    const detail = `an AMI id, ${TEMPLATE_IMAGE}, or an alias such as al2023, ubuntu-24.04 or debian-12`;
    throw new Fault('ImageNotFound', `${body.image} is no image on EC2: ${detail}.`, {
      errors: [{ pointer: '/image', detail }],
    });
  }
  if (body.image === TEMPLATE_IMAGE && body.ec2?.launchTemplate === undefined) {
    const detail = `the image ${TEMPLATE_IMAGE} needs a launch template that names one`;
    throw new Fault('InvalidRequest', detail, { errors: [{ pointer: '/ec2/launchTemplate', detail }] });
  }
  const vm = ec2Vm(body, making, PLACES);
  return { vm, refused: [], away: [], price: ec2Price(vm.instanceType ?? '', vm.location.region ?? '') };
};

/** The host of a deleted VM whose disks it kept. @throws HostNotFound, NoHostFits where its room was given to others meanwhile */
export const placeBack = async ({ name, location, ...vm }: Vm): Promise<Host | undefined> => {
  if (location.hostId === undefined) return undefined;
  const host = await hosts.get(location.hostId);
  const lacking = lacksRoom(host, shareOf(vm), PLACEMENT);
  if (lacking === undefined) return host;
  throw new Fault('NoHostFits', `${host.name} keeps the disks of ${name} and has no room for it: ${lacking}.`);
};

/** Makes the row of a VM and chooses its place. @throws ImageNotFound, SizeNotFound, LocationRefused, InvalidRequest */
export const chosen = async (body: CreateVm, making: Making): Promise<Choice> =>
  body.provider === 'kvm' ? onKvm(body, making) : onEc2(body, making);
