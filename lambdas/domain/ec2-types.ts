/** One row of the table; `usdPerHour` by Region. */
export interface Ec2Type {
  readonly type: string;
  readonly vcpus: number;
  readonly memoryMiB: number;
  readonly usdPerHour: Readonly<Record<string, number>>;
}

/**
 * Shapes and on-demand Linux prices (USD an hour, shared tenancy) of the types that NovaCron's sizes name, as facts of one
 * day. Prices: the AWS price list as generated on 2026-07-20 into aws/karpenter-provider-aws (Apache-2.0),
 * `pkg/providers/pricing/zz_generated.pricing_aws*.go`. Shapes: DescribeInstanceTypes as shipped in moto 5.2.5
 * (Apache-2.0). A Region or type that is not here has no known price: it is shown as unknown, never guessed.
 */
export const EC2_TYPES: { readonly asOf: string; readonly source: string; readonly types: readonly Ec2Type[] } = {
  asOf: '2026-07-20',
  source: 'AWS price list (on-demand, Linux, shared tenancy)',
  types: [
    { type: 't3.nano', vcpus: 2, memoryMiB: 512, usdPerHour: { 'us-east-1': 0.0052, 'us-gov-west-1': 0.0061 } },
    { type: 't3.micro', vcpus: 2, memoryMiB: 1024, usdPerHour: { 'us-east-1': 0.0104, 'us-gov-west-1': 0.0122 } },
    { type: 't3.small', vcpus: 2, memoryMiB: 2048, usdPerHour: { 'us-east-1': 0.0208, 'us-gov-west-1': 0.0244 } },
    { type: 't3.medium', vcpus: 2, memoryMiB: 4096, usdPerHour: { 'us-east-1': 0.0416, 'us-gov-west-1': 0.0488 } },
    { type: 't3.large', vcpus: 2, memoryMiB: 8192, usdPerHour: { 'us-east-1': 0.0832, 'us-gov-west-1': 0.0976 } },
    { type: 't3.xlarge', vcpus: 4, memoryMiB: 16384, usdPerHour: { 'us-east-1': 0.1664, 'us-gov-west-1': 0.1952 } },
    { type: 't3.2xlarge', vcpus: 8, memoryMiB: 32768, usdPerHour: { 'us-east-1': 0.3328, 'us-gov-west-1': 0.3904 } },
    { type: 't3a.nano', vcpus: 2, memoryMiB: 512, usdPerHour: { 'us-east-1': 0.0047, 'us-gov-west-1': 0.0055 } },
    { type: 't3a.micro', vcpus: 2, memoryMiB: 1024, usdPerHour: { 'us-east-1': 0.0094, 'us-gov-west-1': 0.011 } },
    { type: 't3a.small', vcpus: 2, memoryMiB: 2048, usdPerHour: { 'us-east-1': 0.0188, 'us-gov-west-1': 0.022 } },
    { type: 't3a.medium', vcpus: 2, memoryMiB: 4096, usdPerHour: { 'us-east-1': 0.0376, 'us-gov-west-1': 0.0439 } },
    { type: 't3a.large', vcpus: 2, memoryMiB: 8192, usdPerHour: { 'us-east-1': 0.0752, 'us-gov-west-1': 0.0878 } },
    { type: 't3a.xlarge', vcpus: 4, memoryMiB: 16384, usdPerHour: { 'us-east-1': 0.1504, 'us-gov-west-1': 0.1757 } },
    { type: 't3a.2xlarge', vcpus: 8, memoryMiB: 32768, usdPerHour: { 'us-east-1': 0.3008, 'us-gov-west-1': 0.3514 } },
    { type: 't4g.nano', vcpus: 2, memoryMiB: 512, usdPerHour: { 'us-east-1': 0.0042, 'us-gov-west-1': 0.0049 } },
    { type: 't4g.micro', vcpus: 2, memoryMiB: 1024, usdPerHour: { 'us-east-1': 0.0084, 'us-gov-west-1': 0.0098 } },
    { type: 't4g.small', vcpus: 2, memoryMiB: 2048, usdPerHour: { 'us-east-1': 0.0168, 'us-gov-west-1': 0.0196 } },
    { type: 't4g.medium', vcpus: 2, memoryMiB: 4096, usdPerHour: { 'us-east-1': 0.0336, 'us-gov-west-1': 0.0392 } },
    { type: 't4g.large', vcpus: 2, memoryMiB: 8192, usdPerHour: { 'us-east-1': 0.0672, 'us-gov-west-1': 0.0784 } },
    { type: 't4g.xlarge', vcpus: 4, memoryMiB: 16384, usdPerHour: { 'us-east-1': 0.1344, 'us-gov-west-1': 0.1568 } },
    { type: 't4g.2xlarge', vcpus: 8, memoryMiB: 32768, usdPerHour: { 'us-east-1': 0.2688, 'us-gov-west-1': 0.3136 } },
    { type: 'm5.large', vcpus: 2, memoryMiB: 8192, usdPerHour: { 'us-east-1': 0.096, 'us-gov-west-1': 0.121 } },
    { type: 'm5.xlarge', vcpus: 4, memoryMiB: 16384, usdPerHour: { 'us-east-1': 0.192, 'us-gov-west-1': 0.242 } },
    { type: 'm5.2xlarge', vcpus: 8, memoryMiB: 32768, usdPerHour: { 'us-east-1': 0.384, 'us-gov-west-1': 0.484 } },
    { type: 'm5.4xlarge', vcpus: 16, memoryMiB: 65536, usdPerHour: { 'us-east-1': 0.768, 'us-gov-west-1': 0.968 } },
    { type: 'm5.8xlarge', vcpus: 32, memoryMiB: 131072, usdPerHour: { 'us-east-1': 1.536, 'us-gov-west-1': 1.936 } },
    { type: 'm6i.large', vcpus: 2, memoryMiB: 8192, usdPerHour: { 'us-east-1': 0.096, 'us-gov-west-1': 0.121 } },
    { type: 'm6i.xlarge', vcpus: 4, memoryMiB: 16384, usdPerHour: { 'us-east-1': 0.192, 'us-gov-west-1': 0.242 } },
    { type: 'm6i.2xlarge', vcpus: 8, memoryMiB: 32768, usdPerHour: { 'us-east-1': 0.384, 'us-gov-west-1': 0.484 } },
    { type: 'm6i.4xlarge', vcpus: 16, memoryMiB: 65536, usdPerHour: { 'us-east-1': 0.768, 'us-gov-west-1': 0.968 } },
    { type: 'm6i.8xlarge', vcpus: 32, memoryMiB: 131072, usdPerHour: { 'us-east-1': 1.536, 'us-gov-west-1': 1.936 } },
    { type: 'm7i.large', vcpus: 2, memoryMiB: 8192, usdPerHour: { 'us-east-1': 0.1008, 'us-gov-west-1': 0.12705 } },
    { type: 'm7i.xlarge', vcpus: 4, memoryMiB: 16384, usdPerHour: { 'us-east-1': 0.2016, 'us-gov-west-1': 0.2541 } },
    { type: 'm7i.2xlarge', vcpus: 8, memoryMiB: 32768, usdPerHour: { 'us-east-1': 0.4032, 'us-gov-west-1': 0.5082 } },
    { type: 'm7i.4xlarge', vcpus: 16, memoryMiB: 65536, usdPerHour: { 'us-east-1': 0.8064, 'us-gov-west-1': 1.0164 } },
    { type: 'm7i.8xlarge', vcpus: 32, memoryMiB: 131072, usdPerHour: { 'us-east-1': 1.6128, 'us-gov-west-1': 2.0328 } },
    { type: 'm7g.medium', vcpus: 1, memoryMiB: 4096, usdPerHour: { 'us-east-1': 0.0408, 'us-gov-west-1': 0.0514 } },
    { type: 'm7g.large', vcpus: 2, memoryMiB: 8192, usdPerHour: { 'us-east-1': 0.0816, 'us-gov-west-1': 0.1028 } },
    { type: 'm7g.xlarge', vcpus: 4, memoryMiB: 16384, usdPerHour: { 'us-east-1': 0.1632, 'us-gov-west-1': 0.2057 } },
    { type: 'm7g.2xlarge', vcpus: 8, memoryMiB: 32768, usdPerHour: { 'us-east-1': 0.3264, 'us-gov-west-1': 0.4114 } },
    { type: 'm7g.4xlarge', vcpus: 16, memoryMiB: 65536, usdPerHour: { 'us-east-1': 0.6528, 'us-gov-west-1': 0.8227 } },
    { type: 'm7g.8xlarge', vcpus: 32, memoryMiB: 131072, usdPerHour: { 'us-east-1': 1.3056, 'us-gov-west-1': 1.6454 } },
    { type: 'c6i.large', vcpus: 2, memoryMiB: 4096, usdPerHour: { 'us-east-1': 0.085, 'us-gov-west-1': 0.102 } },
    { type: 'c6i.xlarge', vcpus: 4, memoryMiB: 8192, usdPerHour: { 'us-east-1': 0.17, 'us-gov-west-1': 0.204 } },
    { type: 'c6i.2xlarge', vcpus: 8, memoryMiB: 16384, usdPerHour: { 'us-east-1': 0.34, 'us-gov-west-1': 0.408 } },
    { type: 'c6i.4xlarge', vcpus: 16, memoryMiB: 32768, usdPerHour: { 'us-east-1': 0.68, 'us-gov-west-1': 0.816 } },
    { type: 'c6i.8xlarge', vcpus: 32, memoryMiB: 65536, usdPerHour: { 'us-east-1': 1.36, 'us-gov-west-1': 1.632 } },
    { type: 'r6i.large', vcpus: 2, memoryMiB: 16384, usdPerHour: { 'us-east-1': 0.126, 'us-gov-west-1': 0.151 } },
    { type: 'r6i.xlarge', vcpus: 4, memoryMiB: 32768, usdPerHour: { 'us-east-1': 0.252, 'us-gov-west-1': 0.302 } },
    { type: 'r6i.2xlarge', vcpus: 8, memoryMiB: 65536, usdPerHour: { 'us-east-1': 0.504, 'us-gov-west-1': 0.604 } },
    { type: 'r6i.4xlarge', vcpus: 16, memoryMiB: 131072, usdPerHour: { 'us-east-1': 1.008, 'us-gov-west-1': 1.208 } },
    { type: 'r6i.8xlarge', vcpus: 32, memoryMiB: 262144, usdPerHour: { 'us-east-1': 2.016, 'us-gov-west-1': 2.416 } },
  ],
};
