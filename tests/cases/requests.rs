//! What users ask of requests: latencies, stations, overload.
