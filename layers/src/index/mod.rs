//! Finding features: by id, by place, under a ray.
