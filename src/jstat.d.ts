/** The parts of jstat that tests use as an independent oracle; the package has no types of its own. */
declare module 'jstat' {
  interface Continuous {
    cdf(x: number, ...parameters: number[]): number
    inv(p: number, ...parameters: number[]): number
  }
  interface JStat
    extends Record<
      'uniform' | 'exponential' | 'lognormal' | 'gamma' | 'weibull' | 'pareto' | 'studentt',
      Continuous
    > {
    gammafn(x: number): number
  }
  const jstat: { jStat: JStat }
  // biome-ignore lint/style/noDefaultExport: it is how the package exports
  export default jstat
}
