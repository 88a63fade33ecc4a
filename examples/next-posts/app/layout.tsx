import './globals.css'
import type { Metadata } from 'next'
import type { ReactNode } from 'react'
import { SiteNavigation } from './parts/site-navigation.tsx'

export const metadata: Metadata = {
  title: { default: 'Posts', template: '%s · Posts' },
  description: 'Posts and comments, on postern in Next.js',
}

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>
        <a className="skip" href="#content">
          Skip to the content
        </a>
        <SiteNavigation />
        <main id="content" tabIndex={-1}>
          {children}
        </main>
        <footer>An example of postern in Next.js. Its forms work without JavaScript.</footer>
      </body>
    </html>
  )
}
