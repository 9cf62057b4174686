/** Where the fleet of the figures of growth is, and what its VMs are called. */
export const INSTALLATION = 'bench';
export const ACCOUNT = '123456789012';
export const REGION = 'us-east-1';

export const vmIdOf = (index: number): string => `vm-${index.toString(10).padStart(16, '0')}`;
export const instanceIdOf = (index: number): string => `i-${index.toString(16).padStart(17, '0')}`;
