def grad_pid_controller(kp, ki, kd):
    kept = []
    pid_integral = 0.0
    pid_before = 1.0
    plant_speed = plant_value = 0.0
    for _ in range(12):
        error = 1.0 - plant_value
        pid_integral += error * 0.1
        same = pid_before is None
        kept.append((error, same))
        slope = 0.0 if same else (error - pid_before) / 0.1
        force = kp * error + ki * pid_integral + kd * slope
        plant_speed += (force - 0.5 * plant_speed) * 0.1
        plant_value += plant_speed * 0.1
        pid_before = error
    pid_integral_bar = pid_before_bar = plant_speed_bar = plant_value_bar = kp_bar = 0.0
    for error, same in reversed(kept):
        # adjoint of: cost += error * error
        error_bar = pid_before_bar + 2.0 * error
        # adjoint of: self.value += self.speed * dt
        plant_speed_bar += 0.1 * plant_value_bar
        # adjoint of: self.speed += (force - 0.5 * self.speed) * dt
        force_bar = 0.1 * plant_speed_bar
        plant_speed_bar *= 0.95
        # adjoint of: return self.kp * error + self.ki * self.integral + self.kd * slope
        slope_bar = force_bar * kd
        pid_integral_bar += force_bar * ki
        kp_bar += force_bar * error
        error_bar += force_bar * kp
        if same:
            pid_before_bar = 0.0
        else:
            # adjoint of: slope = 0.0 if self.before is None else (error - self.before) / dt
            error_bar += 10.0 * slope_bar
            pid_before_bar = -10.0 * slope_bar
        # adjoint of: self.integral += error * dt
        error_bar += 0.1 * pid_integral_bar
        # adjoint of: error = 1.0 - plant.value
        plant_value_bar -= error_bar
    return kp_bar
