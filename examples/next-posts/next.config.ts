import type { NextConfig } from 'next'
import { withPostern } from 'postern/next'

const config: NextConfig = {
  poweredByHeader: false,
}

export default withPostern(config)
