/** As `supabase gen types typescript` writes it. */
export interface Database {
  public: {
    Tables: {
      posts: {
        Row: { id: string; author_id: string; title: string; slug: string; created_at: string }
        Insert: { id?: string; author_id: string; title: string; slug: string; created_at?: string }
        Update: { id?: string; author_id?: string; title?: string; slug?: string; created_at?: string }
        Relationships: []
      }
    }
    Views: Record<never, never>
    Functions: Record<never, never>
    Enums: Record<never, never>
    CompositeTypes: Record<never, never>
  }
}
