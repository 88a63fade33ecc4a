/** Who made a span or a measure, as OpenTelemetry calls it. */
export const NAME = 'postern'
