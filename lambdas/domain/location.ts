import { raise } from './faults.ts';
import type { Location } from './vm.ts';

/** The places of this installation on AWS: its own account, and the Regions its config enables, the home Region first. */
export interface EnabledPlaces {
  readonly account: string;
  readonly regions: readonly string[];
}

/** What a request may say about the place; what it leaves out is the plane's own account and its home Region. */
export interface WantedPlace {
  readonly account?: string | undefined;
  readonly region?: string | undefined;
  readonly zone?: string | undefined;
}

/** Fills in and admits an EC2 location before anything is written. @throws LocationRefused, saying why and what is enabled */
export const ec2Location = (wanted: WantedPlace, { account, regions }: EnabledPlaces): Location => {
  if (wanted.account !== undefined && wanted.account !== account) {
    return raise(
      'LocationRefused',
      `Account ${wanted.account} is not connected: this installation acts in its own account ${account} only.`,
    );
  }
  const region = wanted.region ?? wanted.zone?.match(/^[a-z]{2}(-[a-z]+)+-\d/)?.[0] ?? regions[0];
  if (region === undefined || !regions.includes(region)) {
    return raise(
      'LocationRefused',
      `Region ${region ?? '(none)'} is not enabled here. Enabled: ${regions.join(', ') || 'none'}; add it to the context key regions and deploy.`,
    );
  }
  if (wanted.zone !== undefined && !wanted.zone.startsWith(region)) {
    return raise('LocationRefused', `Zone ${wanted.zone} is not in Region ${region}.`);
  }
  return { account, region, ...(wanted.zone === undefined ? {} : { zone: wanted.zone }) };
};
