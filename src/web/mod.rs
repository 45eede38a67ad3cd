//! What every page and endpoint shares: pages in four languages, the look of the place, and what stands under `/static`.

pub mod assets;
pub mod branding;
pub mod locale;
pub mod pages;
pub mod texts;
//! (room being furnished)
pub mod trace;
