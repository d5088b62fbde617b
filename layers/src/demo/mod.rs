//! The fictional demo town.
