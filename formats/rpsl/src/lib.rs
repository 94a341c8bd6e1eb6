//! rpsl
