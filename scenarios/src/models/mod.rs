//! Models: pure functions, deterministic and cancellable. One file or folder per chapter of the model book.
//!
//! What feeds which: network → [`routing`] → [`demand`] → [`equilibrium`] (with [`adaptation`]) → indicators;
//! network and places → [`access`]; streets and areas → [`space`]. [`assignment`] is the independent check and the `assign` verb.

pub mod access;
pub mod adaptation;
pub mod assignment;
pub mod crowding;
pub mod demand;
pub mod equilibrium;
pub mod other_modes;
pub mod road;
pub mod routing;
pub mod space;
pub mod traffic;
pub mod transit;
